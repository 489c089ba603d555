/** When the next scheduled snapshot of a guest is due, and which of the old ones go. Pure. */
import type { SnapshotSchedule } from '../../contract/snapshot.ts';
import type { Entry } from '../entry.ts';
import type { SnapshotRecord } from './record.ts';

type Taken = Pick<SnapshotRecord, 'id' | 'at' | 'scheduled'>;

/** Without what is only ours to know. */
export function scheduleOf({ manifest: { schedule } }: Entry): SnapshotSchedule | null {
  if (!schedule) return null;
  const { everyMs, keep, memory } = schedule;
  return { everyMs, keep, memory };
}

/** Milliseconds since the epoch. `all`: the oldest first. What was missed while nobody was there is not made up for. */
export function dueAt(schedule: SnapshotSchedule & { readonly since: number }, all: readonly Taken[]): number {
  const last = all.findLast(({ scheduled }) => scheduled)?.at ?? 0;
  return Math.max(last, schedule.since) + schedule.everyMs;
}

/** Ids of those that are too many, the oldest first. One that a person gave a name is a person's. */
export function surplus(keep: number, all: readonly Taken[]): string[] {
  const own = all.filter(({ scheduled }) => scheduled);
  return own.slice(0, Math.max(0, own.length - keep)).map(({ id }) => id);
}
