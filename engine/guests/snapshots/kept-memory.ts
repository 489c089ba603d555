/** A guest that goes on with a memory that was kept: its own, since it was suspended, or that of a snapshot. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GuesthouseError } from '../../contract/errors.ts';
import type { Guest } from '../../contract/guest.ts';
import type { StartWith } from '../../drivers/driver.ts';
import { guestFolder, type Paths } from '../../host/paths.ts';
import type { GuestsContext } from '../context.ts';
import type { Entry } from '../entry.ts';
import type { Ledger } from '../ledger.ts';
import type { GuestRooms } from '../rooms.ts';

export const suspendedFolder = (paths: Paths, guestId: string) => join(guestFolder(paths, guestId), 'suspended');

/** Where the memory of a suspended guest is. */
export function suspendedIn(paths: Paths, { manifest }: Entry): string | undefined {
  return manifest.suspended ? suspendedFolder(paths, manifest.id) : undefined;
}

/** As soon as it runs, the storage is what the memory no longer fits; its own is forgotten before that, a snapshot's stays. */
export function withMemory(ledger: Ledger, entry: Entry, folder: string): StartWith {
  const loaded = async () => {
    if (entry.manifest.suspended) await ledger.write(entry, { suspended: null });
  };
  return { memory: { folder, loaded } };
}

/** It goes on. */
export async function afterMemory({ paths }: GuestsContext, ledger: Ledger, entry: Entry): Promise<void> {
  await ledger.record(entry, { heldStill: false });
  await rm(suspendedFolder(paths, entry.manifest.id), { recursive: true, force: true });
}

/** Keeps the memory and ends the guest. Should that fail, it goes on. */
export async function suspendGuest({ context, ledger, turns, runs }: GuestRooms, entry: Entry): Promise<Guest> {
  const { paths } = context;
  const { spec, id } = entry.manifest;
  const suspend = entry.driver.suspend?.bind(entry.driver);
  if (!suspend) {
    throw new GuesthouseError({
      code: 'unsupported',
      message: `${spec.name} cannot be suspended.`,
      subject: spec.name,
      cause: 'The memory of a container is part of the host’s own system.',
      hint: 'Pause it, or stop it.',
    });
  }
  const guest = await turns.verb('suspend', entry, { cancellable: true }, async (held, operation) => {
    const folder = suspendedFolder(paths, id);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { mode: 0o700 });
    await ledger.write(held, { heldStill: held.running?.paused !== true });
    try {
      await suspend(held.manifest, folder, operation, () => ledger.write(held, { suspended: { at: Date.now() } }));
    } catch (error) {
      await ledger.record(held, { suspended: null, heldStill: false });
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
    await ledger.record(held, { wanted: 'stopped', heldStill: false });
    await runs.settle(held, null, true);
  });
  runs.tell(entry, 'suspend', {});
  return guest;
}

/** A person wants it really stopped. False: it is not suspended. */
export async function giveUpMemory({ context, ledger, turns }: GuestRooms, entry: Entry): Promise<boolean> {
  if (entry.running || entry.holder || !entry.manifest.suspended) return false;
  await turns.hold(entry, 'stop', async () => {
    await ledger.write(entry, { suspended: null });
    await rm(suspendedFolder(context.paths, entry.manifest.id), { recursive: true, force: true });
  });
  return true;
}

/** Throws `wrong-state` for what would make the storage something its kept memory does not fit. */
export function requireAwake({ manifest }: Entry, doing: string): void {
  if (!manifest.suspended) return;
  throw new GuesthouseError({
    code: 'wrong-state',
    message: `${manifest.spec.name} is suspended: ${doing} would make its memory unusable.`,
    subject: manifest.spec.name,
    hint: 'Start it, or give its memory up by stopping it.',
  });
}
