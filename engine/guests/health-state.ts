/** What one check after the other says of a guest's health. Pure. */
import type { HealthCheck, HealthState } from '../contract/guest.ts';

export const UNKNOWN_HEALTH: HealthState = { status: 'starting', failingStreak: 0, lastOutput: null, checkedAt: null };

/** How one check ended. `output`: what it wrote, or why it could not be carried out. */
export interface CheckResult {
  readonly ok: boolean;
  readonly output: string;
}

/** More of a check's words than this is no help (characters). */
const OUTPUT_KEPT = 500;

/** `ranMs`: how long the guest had run when the check ended. */
export function afterCheck(
  before: HealthState,
  { ok, output }: CheckResult,
  check: HealthCheck,
  ranMs: number,
  now: number,
): HealthState {
  const told = { lastOutput: shortened(output), checkedAt: now };
  if (ok) return { ...told, status: 'healthy', failingStreak: 0 };
  if (before.status === 'starting' && ranMs < check.startPeriodMs) return { ...before, ...told };
  const failingStreak = before.failingStreak + 1;
  return { ...told, status: failingStreak >= check.retries ? 'unhealthy' : before.status, failingStreak };
}

/** Guests are hostile: no control characters but line ends and tabs. */
function shortened(output: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is taken out
  const clean = output.replace(/[\x00-\x08\x0b-\x1f\x7f]/g, '').trim();
  return clean.length > OUTPUT_KEPT ? `${clean.slice(0, OUTPUT_KEPT)}…` : clean;
}
