/** A running guest that stands still while its files are read. */
import type { Entry } from './entry.ts';
import type { GuestRooms } from './rooms.ts';

/** Written down before: an engine that ends in the middle leaves a guest that the next one lets go on. */
export async function standingStill<T>(rooms: GuestRooms, entry: Entry, act: () => Promise<T>): Promise<T> {
  const { ledger } = rooms;
  const run = entry.running;
  if (!run || run.paused) return act();
  await ledger.write(entry, { heldStill: true });
  try {
    await entry.driver.pause(entry.manifest);
    return await act();
  } finally {
    // It may have been killed meanwhile.
    if (entry.running === run) await letGoOn(rooms, entry);
    await ledger.record(entry, { heldStill: false });
  }
}

async function letGoOn({ context }: GuestRooms, entry: Entry): Promise<void> {
  await entry.driver
    .resume(entry.manifest)
    .catch((error) => context.log.warn('a guest did not go on', { guest: entry.manifest.id, error }));
}
