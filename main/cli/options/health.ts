/** A guest's health check: `--health-cmd` and its like. */
import type { HealthCheck } from '../../../engine/contract/guest.ts';
import { HEALTH_DEFAULTS, SHELL } from '../../../engine/notation/life.ts';
import { duration } from '../../../engine/notation/quantity.ts';
import { misused, whole } from '../args.ts';

const OFF: HealthCheck = { command: [], ...HEALTH_DEFAULTS };

export interface HealthOptions {
  readonly 'health-cmd'?: string | undefined;
  readonly 'health-interval'?: string | undefined;
  readonly 'health-timeout'?: string | undefined;
  readonly 'health-start-period'?: string | undefined;
  readonly 'health-retries'?: string | undefined;
  readonly 'no-healthcheck'?: boolean | undefined;
}

/** `now`: the check that holds, which single options change. Answers undefined when nothing was said. */
export function health(options: HealthOptions, now: HealthCheck | null = null): HealthCheck | undefined {
  const details = (['health-interval', 'health-timeout', 'health-start-period', 'health-retries'] as const).filter(
    (name) => options[name] !== undefined,
  );
  const command = options['health-cmd'];
  if (options['no-healthcheck']) {
    if (command !== undefined || details[0])
      throw misused(`--no-healthcheck and --${command === undefined ? details[0] : 'health-cmd'} exclude each other.`);
    return OFF;
  }
  if (command === undefined && !details[0]) return undefined;
  if (command === undefined && now === null)
    throw misused(
      `--${details[0]} needs --health-cmd.`,
      "The image's own check is taken as it is, or replaced as a whole.",
    );
  const base = now ?? OFF;
  const time = (name: 'health-interval' | 'health-timeout' | 'health-start-period', otherwise: number) =>
    options[name] === undefined ? otherwise : duration(options[name], `--${name}`);
  return {
    command: command === undefined ? base.command : command === '' ? [] : [...SHELL, command],
    intervalMs: time('health-interval', base.intervalMs),
    timeoutMs: time('health-timeout', base.timeoutMs),
    startPeriodMs: time('health-start-period', base.startPeriodMs),
    retries:
      options['health-retries'] === undefined ? base.retries : whole(options['health-retries'], '--health-retries', 1),
  };
}
