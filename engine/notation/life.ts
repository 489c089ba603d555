/** How a guest lives: its restart policy, the signal that ends it, what a health check has where nothing is said. Pure. */
import { constants } from 'node:os';
import type { RestartPolicy } from '../contract/guest.ts';
import { misused, quoted } from './misuse.ts';

/** As Docker's. */
export const HEALTH_DEFAULTS = { intervalMs: 30_000, timeoutMs: 30_000, startPeriodMs: 0, retries: 3 } as const;
/** Of a check written as one line for a shell. */
export const SHELL = ['/bin/sh', '-c'] as const;

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
