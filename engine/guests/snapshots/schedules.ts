/**
 * Snapshots that are taken by themselves, by whatever engine stays (decisions/0009): of guests that ran since the last one,
 * since of others nothing can have changed.
 */
import type { SnapshotSchedule, SnapshotTree } from '../../contract/snapshot.ts';
import { askedBy } from '../asking.ts';
import type { Entry } from '../entry.ts';
import type { GuestRooms } from '../rooms.ts';
import { readSnapshots } from './record.ts';
import { dueAt, surplus } from './schedule.ts';
import { removeSnapshot, snapshotsOf, snapshotTree, takeSnapshot } from './snapshots.ts';

/** How often it is looked whether one is due (ms). */
const LOOK_MS = 5_000;
/** After one that failed (ms). */
const AGAIN_MS = 10 * 60_000;

export async function setSchedule(
  rooms: GuestRooms,
  entry: Entry,
  schedule: SnapshotSchedule | null,
): Promise<SnapshotTree> {
  snapshotsOf(entry);
  await rooms.ledger.write(entry, { schedule: schedule && { ...schedule, since: Date.now() } });
  rooms.ledger.changed(entry);
  return snapshotTree(rooms, entry);
}

/** Answers what ends it. */
export function keepSchedules(rooms: () => GuestRooms, entries: () => Iterable<Entry>) {
  const notBefore = new Map<string, number>();
  let working: Promise<unknown> | null = null;
  const look = async () => {
    for (const entry of [...entries()]) {
      const { id, schedule } = entry.manifest;
      if (!schedule || entry.holder || (notBefore.get(id) ?? 0) > Date.now()) continue;
      await askedBy({ by: 'schedule' }, () => keepOne(rooms(), entry)).catch((error) => {
        notBefore.set(id, Date.now() + AGAIN_MS);
        rooms().context.log.warn('a scheduled snapshot was not taken', { guest: id, error });
      });
    }
  };
  const timer = setInterval(() => {
    working ??= look().finally(() => {
      working = null;
    });
  }, LOOK_MS);
  timer.unref();
  return {
    async close() {
      clearInterval(timer);
      await working;
    },
  };
}

async function keepOne(rooms: GuestRooms, entry: Entry): Promise<void> {
  const { context } = rooms;
  const { id, schedule, startedAt } = entry.manifest;
  if (!schedule) return;
  const all = await readSnapshots(context.paths, id);
  if (dueAt(schedule, all) > Date.now()) return;
  const last = all.at(-1)?.at ?? 0;
  if (!entry.running && (startedAt ?? 0) <= last) return;
  if (entry.manifest.suspended) return;
  const memory = schedule.memory && entry.running !== null && snapshotsOf(entry).memoryProblem(entry.manifest) === null;
  await takeSnapshot(rooms, entry, { memory, scheduled: true });
  for (const old of surplus(schedule.keep, await readSnapshots(context.paths, id)))
    await removeSnapshot(rooms, entry, old);
}
