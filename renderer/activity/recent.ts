/** What happened to one guest: acts as far as they are kept, and what its log of events has beside them. Pure. */
import type { EngineEvent, Operation } from '../../engine/contract/index.ts';

export type Recent =
  | { readonly kind: 'act'; readonly at: number; readonly operation: Operation }
  | { readonly kind: 'event'; readonly at: number; readonly event: EngineEvent };

/** An event this close to an act (ms) is a part of it: both are stamped by the same clock, one after the other. */
const NEAR_MS = 500;

/** Newest first. What happened during an act is told by the act. */
export function recentOf(
  guestId: string,
  operations: Iterable<Operation>,
  events: readonly EngineEvent[],
): readonly Recent[] {
  const acts = [...operations].filter(({ targetId }) => targetId === guestId);
  const isTold = ({ at }: EngineEvent) =>
    acts.some((act) => at >= act.startedAt - NEAR_MS && at <= endOf(act) + NEAR_MS);
  const told: Recent[] = acts.map((operation) => ({ kind: 'act', at: operation.startedAt, operation }));
  const others: Recent[] = events
    .filter((event) => event.type === 'guest' && event.id === guestId && !isTold(event))
    .map((event) => ({ kind: 'event', at: event.at, event }));
  return [...told, ...others].sort((a, b) => b.at - a.at);
}

/** One that was cut off is over, though nobody knows since when. */
const endOf = ({ state, startedAt, endedAt }: Operation): number =>
  endedAt ?? (state === 'running' ? Number.POSITIVE_INFINITY : startedAt);
