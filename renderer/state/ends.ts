/** Which change of a guest is an end that nobody asked for. Pure. */
import type { Guest, Operation } from '../../engine/contract/index.ts';

/** Of two notes of one act (ms). */
const NEAR_MS = 1000;

export type End = 'memory' | 'failed' | 'died' | 'again';

/** `again`: it died, and its restart policy started it. `operations`: whose ends are no surprise. null: nothing to tell. */
export function endOf(before: Guest | undefined, now: Guest, operations: Iterable<Operation>): End | null {
  if (!before || before === now) return null;
  if (now.restarts > before.restarts) return 'again';
  const atRest = now.state === 'stopped' || now.state === 'failed';
  const ended = atRest && before.state !== now.state && (now.exit?.at ?? 0) !== (before.exit?.at ?? 0);
  if (ended && now.exit?.outOfMemory) return 'memory';
  if (now.state === 'failed') return before.state === 'failed' ? null : 'failed';
  if (!ended || before.state !== 'running' || now.exit?.code === 0) return null;
  return isAsked(now, now.exit?.at ?? 0, operations) ? null : 'died';
}

/** Whether an act on the guest was going on. Its `stopping` may have been too short to be seen. */
function isAsked({ id }: Guest, at: number, operations: Iterable<Operation>): boolean {
  for (const { targetId, startedAt, endedAt } of operations)
    if (targetId === id && startedAt <= at + NEAR_MS && (endedAt === null || endedAt >= at - NEAR_MS)) return true;
  return false;
}
