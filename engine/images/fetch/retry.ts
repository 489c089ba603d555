/** What is tried again, when, and how often. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { GuesthouseError } from '../../contract/errors.ts';

export interface RetryPolicy {
  /** Tries in a row without progress. */
  readonly attempts: number;
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
  /** A registry that asks for a longer wait (Retry-After) is not waited for. */
  readonly maxAskedMs: number;
  /** No byte for this long: the connection counts as cut. */
  readonly stallMs: number;
}

export const RETRY_POLICY: RetryPolicy = {
  attempts: 5,
  baseDelayMs: 500,
  maxDelayMs: 20_000,
  maxAskedMs: 60_000,
  stallMs: 30_000,
};

/** A failure that may pass. `failure` is what is told when it does not. */
export class Transient extends Error {
  readonly failure: GuesthouseError;
  readonly askedMs: number | null;

  constructor(failure: GuesthouseError, askedMs: number | null = null) {
    super(failure.message);
    this.failure = failure;
    this.askedMs = askedMs;
  }
}

/** How long to wait after the failure number `failures` (from 1); null: give up. `random`: 0 to 1. */
export function waitMs(
  policy: RetryPolicy,
  failures: number,
  askedMs: number | null,
  random: () => number = Math.random,
): number | null {
  if (failures >= policy.attempts) return null;
  if (askedMs !== null && askedMs > policy.maxAskedMs) return null;
  const backOff = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (failures - 1));
  // Half of it by chance, so that many who were refused together do not come back together.
  return Math.max(askedMs ?? 0, backOff / 2 + (backOff / 2) * random());
}

/** `Retry-After`: seconds or a date (RFC 9110, section 10.2.3) -> milliseconds from now; null when unreadable. */
export function parseRetryAfter(header: string | undefined, now = Date.now()): number | null {
  if (header === undefined) return null;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

/** Repeats `act` while it throws `Transient` and the policy allows. */
export async function withRetries<T>(policy: RetryPolicy, signal: AbortSignal, act: () => Promise<T>): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof Transient)) throw error;
      const pause = waitMs(policy, failures, error.askedMs);
      if (pause === null) throw error.failure;
      await sleep(pause, undefined, { signal });
    }
  }
}
