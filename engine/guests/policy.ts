/** What a restart policy says: whether a guest that ended is started anew, and after which wait. Pure. */
import type { GuestExit, GuestSpec, RestartPolicy } from '../contract/guest.ts';

/** The wait before the first try; it doubles with every further one (ms). */
export const FIRST_WAIT_MS = 100;
export const LONGEST_WAIT_MS = 60_000;
/** A run this long was a good one: the waits begin anew (ms). */
const GOOD_RUN_MS = 10_000;

export interface Ending {
  /** It broke off, or its program said that it failed. */
  readonly failed: boolean;
  /** How long it had run (ms); 0 when it did not even start. */
  readonly ranMs: number;
}

/** What came before, since a person last started it. */
export interface Cycle {
  readonly restarts: number;
  /** The last wait (ms); 0: none. */
  readonly waitMs: number;
}

/** How long to wait until it is started anew (ms); null: it stays ended. */
export function waitAfter(policy: RestartPolicy, { failed, ranMs }: Ending, cycle: Cycle): number | null {
  if (policy.when === 'no') return null;
  if (policy.when === 'on-failure') {
    if (!failed) return null;
    if (policy.maxRetries !== null && cycle.restarts >= policy.maxRetries) return null;
  }
  if (ranMs >= GOOD_RUN_MS || cycle.waitMs === 0) return FIRST_WAIT_MS;
  return Math.min(cycle.waitMs * 2, LONGEST_WAIT_MS);
}

/** null: it broke off while nobody looked, as when the host went down. */
export function didFail(exit: GuestExit | null): boolean {
  if (exit === null || exit.outOfMemory || exit.crash !== undefined || exit.signal !== null) return true;
  // A machine that was powered off has no code.
  return exit.code !== null && exit.code !== 0;
}

/** Stopped by a person, but in an earlier life of the host: only `always` does not mind. */
export function startsWithHost(policy: RestartPolicy, lastBoot: string | null, boot: string): boolean {
  return policy.when === 'always' && lastBoot !== null && lastBoot !== boot;
}

/** Whether somebody has to be there while it runs, for what shall happen by itself. */
export function needsKeeping(spec: GuestSpec, hasHealthCheck: boolean): boolean {
  return spec.restart.when !== 'no' || spec.disposable || hasHealthCheck;
}
