/** What the checks of a run came to, for the next engine of the home: `health.json` in the guest's folder. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HealthState } from '../contract/guest.ts';

const STATUSES: readonly HealthState['status'][] = ['starting', 'healthy', 'unhealthy'];
const fileIn = (folder: string): string => join(folder, 'health.json');

/** At once, and not to the disk: it is worth something only while the guest runs. A full disk is no reason to fail. */
export function keepHealth(folder: string, startedAt: number, status: HealthState['status']): void {
  try {
    writeFileSync(fileIn(folder), JSON.stringify({ startedAt, status }), { mode: 0o600 });
  } catch {
    // The next check of the next engine finds out anew.
  }
}

/** Of the run that began then; null: no check of it has come to anything, or nobody knows. */
export function readHealth(folder: string, startedAt: number): HealthState | null {
  try {
    const kept = JSON.parse(readFileSync(fileIn(folder), 'utf8')) as { startedAt?: unknown; status?: unknown } | null;
    const status = STATUSES.find((one) => one === kept?.status);
    if (kept?.startedAt !== startedAt || status === undefined) return null;
    return { status, failingStreak: 0, lastOutput: null, checkedAt: null };
  } catch {
    return null;
  }
}
