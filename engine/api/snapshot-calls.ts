/** Calls about the snapshots of guests. */
import type { CallsOf, Rooms } from './rooms.ts';

/** Loaded when it is first needed: most engines live for one short command. */
const acts = () => import('../guests/snapshots/snapshots.ts');

export function snapshotCalls({ guests }: Rooms): CallsOf<'snapshots'> {
  const rooms = () => guests.rooms();
  return {
    'snapshots.list': async ({ guest }) => (await acts()).snapshotTree(rooms(), guests.entry(guest)),
    'snapshots.take': async ({ guest, ...wish }) => (await acts()).takeSnapshot(rooms(), guests.entry(guest), wish),
    'snapshots.change': async ({ guest, snapshot, ...change }) =>
      (await acts()).changeSnapshot(rooms(), guests.entry(guest), snapshot, change),
    'snapshots.restore': async ({ guest, snapshot, ...options }) =>
      (await acts()).restoreSnapshot(rooms(), guests.entry(guest), snapshot, options),
    'snapshots.remove': async ({ guest, snapshot }) =>
      (await acts()).removeSnapshot(rooms(), guests.entry(guest), snapshot),
    'snapshots.schedule': async ({ guest, schedule }) =>
      (await import('../guests/snapshots/schedules.ts')).setSchedule(rooms(), guests.entry(guest), schedule),
    'snapshots.branch': async ({ guest, snapshot, name }) =>
      (await import('../guests/clone.ts')).branchGuest(rooms(), guests.entry(guest), snapshot, name),
  };
}
