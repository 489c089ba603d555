/**
 * The health check of an image's configuration (Docker's extension of the OCI image configuration, `Healthcheck`):
 * `Test` is `["NONE"]`, `["CMD", program, argument...]` or `["CMD-SHELL", line]`; times are in nanoseconds, 0 means
 * Docker's default.
 */
import type { HealthCheck } from '../contract/guest.ts';

const NS_PER_MS = 1_000_000;
/** Docker's, where the image says nothing. */
const DEFAULT_INTERVAL_MS = 30_000;
const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_RETRIES = 3;
/** Shorter waits would be a busy loop (ms); Docker refuses them too. */
const MIN_TIME_MS = 1;
/** Of a count that is none. */
const MAX_RETRIES = 1000;

/** null: the image has no check (`NONE`, or none that could be run). */
export function parseHealth(value: Record<string, unknown> | null): HealthCheck | null {
  const test = value?.Test;
  if (!value || !Array.isArray(test) || !test.every((word) => typeof word === 'string' && !word.includes('\0'))) {
    return null;
  }
  const [form, ...words] = test as string[];
  if (words.length === 0 || words[0] === '' || (form !== 'CMD' && form !== 'CMD-SHELL')) return null;
  return {
    command: form === 'CMD' ? words : ['/bin/sh', '-c', words[0] as string],
    intervalMs: milliseconds(value.Interval, DEFAULT_INTERVAL_MS),
    timeoutMs: milliseconds(value.Timeout, DEFAULT_TIMEOUT_MS),
    startPeriodMs: milliseconds(value.StartPeriod, 0),
    retries: count(value.Retries),
  };
}

export function composeHealth(health: HealthCheck): Record<string, unknown> {
  if (health.command.length === 0) return { Test: ['NONE'] };
  return {
    Test: ['CMD', ...health.command],
    Interval: health.intervalMs * NS_PER_MS,
    Timeout: health.timeoutMs * NS_PER_MS,
    StartPeriod: health.startPeriodMs * NS_PER_MS,
    Retries: health.retries,
  };
}

function milliseconds(value: unknown, otherwise: number): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) return otherwise;
  return Math.max(MIN_TIME_MS, Math.round(value / NS_PER_MS));
}

function count(value: unknown): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value <= 0) return DEFAULT_RETRIES;
  return Math.min(MAX_RETRIES, value);
}
