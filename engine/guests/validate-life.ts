/** What can be wrong with how a guest shall live and end: restart policy, health check, stop. */
import type { ErrorShape } from '../contract/errors.ts';
import type { GuestSpec, HealthCheck } from '../contract/guest.ts';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
/** Checks closer together than this would be all that the host does (ms). */
export const MIN_INTERVAL_MS = 1_000;
export const MIN_TIMEOUT_MS = 100;
export const MAX_RETRIES = 1_000_000;

type Say = (field: string, error: ErrorShape) => void;

export function validateLife(spec: GuestSpec, say: Say): void {
  const { restart, disposable, health, stopGraceMs } = spec;
  const invalid = (field: string, message: string, hint: string) => say(field, { code: 'invalid', message, hint });
  if (restart.maxRetries !== null && restart.when !== 'on-failure') {
    invalid(
      'restart',
      'Only the policy `on-failure` counts its tries.',
      'Leave the number out, or choose `on-failure`.',
    );
  } else if (restart.maxRetries !== null && !isWhole(restart.maxRetries, 0, MAX_RETRIES)) {
    invalid('restart', `${restart.maxRetries} is no number of tries.`, 'Give a whole number from 0 on.');
  }
  if (disposable && restart.when !== 'no') {
    invalid(
      'disposable',
      'A guest that goes with its end cannot be started anew.',
      'Choose one of the two: disposable, or a restart policy.',
    );
  }
  if (!isWhole(stopGraceMs, 0, HOUR_MS)) {
    invalid('stopGraceMs', 'A stop waits from 0 s to an hour.', 'Give whole milliseconds from 0 to 3600000.');
  }
  if (health !== null) validateHealth(health, invalid);
}

function validateHealth(health: HealthCheck, invalid: (field: string, message: string, hint: string) => void): void {
  const { command, intervalMs, timeoutMs, startPeriodMs, retries } = health;
  // Switched off: its numbers mean nothing.
  if (command.length === 0) return;
  if (command[0] === '' || command.some((word) => word.includes('\0'))) {
    invalid(
      'health.command',
      'The check has an empty program or a zero byte.',
      'Give the program and its arguments as plain text.',
    );
  }
  if (!isWhole(intervalMs, MIN_INTERVAL_MS, DAY_MS)) {
    invalid(
      'health.intervalMs',
      'Checks are from 1 s to a day apart.',
      'Give whole milliseconds from 1000 to 86400000.',
    );
  }
  if (!isWhole(timeoutMs, MIN_TIMEOUT_MS, HOUR_MS)) {
    invalid('health.timeoutMs', 'A check has from 0.1 s to an hour.', 'Give whole milliseconds from 100 to 3600000.');
  }
  if (!isWhole(startPeriodMs, 0, DAY_MS)) {
    invalid('health.startPeriodMs', 'A start takes from 0 s to a day.', 'Give whole milliseconds from 0 to 86400000.');
  }
  if (!isWhole(retries, 1, MAX_RETRIES)) {
    invalid('health.retries', `${retries} is no number of failures.`, 'Give a whole number from 1 on.');
  }
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
