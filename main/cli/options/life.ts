/** How a guest lives: its health check, its restart policy, the signal that ends it. */
import { constants } from 'node:os';
import type { HealthCheck, RestartPolicy } from '../../../engine/contract/guest.ts';
import { misused, quoted, whole } from '../args.ts';
import { duration } from './quantity.ts';

/** As Docker's. */
export const HEALTH_DEFAULTS = { intervalMs: 30_000, timeoutMs: 30_000, startPeriodMs: 0, retries: 3 } as const;
/** Of a check written as one line for a shell. */
export const SHELL = ['/bin/sh', '-c'] as const;
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

/** `no`, `on-failure[:N]`, `always`, `unless-stopped`. Throws `invalid`. */
export function restart(text: string, option = '--restart'): RestartPolicy {
  const match = /^(?:(no|always|unless-stopped)|on-failure(?::(\d{1,9}))?)$/.exec(text);
  if (!match)
    throw misused(
      `${option} has no ${quoted(text)}.`,
      'There are no, on-failure, on-failure:N, always and unless-stopped.',
    );
  if (match[1]) return { when: match[1] as RestartPolicy['when'], maxRetries: null };
  return { when: 'on-failure', maxRetries: match[2] === undefined ? null : Number(match[2]) };
}

/** `SIGHUP`, `hup` or `1`: `SIGHUP`. Throws `invalid`. */
export function signal(text: string, option: string): string {
  const known = Object.entries(constants.signals);
  const upper = text.toUpperCase();
  const found = /^\d+$/.test(text)
    ? known.find(([, number]) => number === Number(text))?.[0]
    : known.find(([name]) => name === upper || name === `SIG${upper}`)?.[0];
  if (found) return found;
  // Real-time signals have no entry of their own in Node.
  if (/^(SIG)?RTM(IN|AX)([+-]\d{1,2})?$/.test(upper)) return upper.startsWith('SIG') ? upper : `SIG${upper}`;
  throw misused(`${option} has no signal ${quoted(text)}.`, 'Write e.g. SIGTERM, HUP or 15.');
}
