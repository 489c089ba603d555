/** Which change of a guest is an end that nobody asked for. Pure. */
import type { Guest, Operation, OperationVerb } from '../../engine/contract/index.ts';

/** Of two notes of one act (ms). */
const NEAR_MS = 1000;
/** Acts that end a run. A program that ends as soon as it was started was not asked to. */
const ENDING: readonly OperationVerb[] = ['stop', 'kill', 'restart', 'remove', 'recreate', 'restore', 'suspend'];

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

/** Whether an act that ends the guest was going on. Its `stopping` may have been too short to be seen. */
function isAsked({ id }: Guest, at: number, operations: Iterable<Operation>): boolean {
  for (const { verb, targetId, startedAt, endedAt, state } of operations)
    if (
      targetId === id &&
      ENDING.includes(verb) &&
      startedAt <= at + NEAR_MS &&
      (endedAt === null ? state === 'running' : endedAt >= at - NEAR_MS)
    )
      return true;
  return false;
}
