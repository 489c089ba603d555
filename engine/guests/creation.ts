/** Making a guest: checked, written down, made by its driver; or nothing of it is left. */
import { mkdir, rm } from 'node:fs/promises';
import type { GuestDraft } from '../contract/api.ts';
import { type ErrorShape, GuesthouseError, toErrorShape } from '../contract/errors.ts';
import type { Guest } from '../contract/guest.ts';
import { guestFolder } from '../host/paths.ts';
import { ownVolumesFor, prepareVolumes } from '../volumes/for-guest.ts';
import { isoPathOf } from './check.ts';
import type { GuestsContext } from './context.ts';
import { type Entry, newEntry, shown } from './entry.ts';
import { newGuestId } from './identity.ts';
import type { Ledger } from './ledger.ts';
import { newManifest } from './manifest.ts';
import type { GuestRooms } from './rooms.ts';

/** Throws the first problem of the draft, and whatever its driver throws. */
export async function createGuest(rooms: GuestRooms, draft: GuestDraft): Promise<Guest> {
  const { context, ledger, turns, runs, claims } = rooms;
  const { problems, spec } = await rooms.check(draft);
  if (spec === null) throw new GuesthouseError(problems[0]?.error as ErrorShape);
  const entries = [...ledger.all()];
  claims.take(spec, entries.map(shown));
  const { operations, paths, images } = context;
  const driver = context.driverFor(spec.isolation);
  const id = newGuestId(new Set(entries.map(({ manifest }) => manifest.id)));
  try {
    const image = spec.image === null ? null : images.get(spec.image);
    const takenAddresses = new Set(entries.flatMap(({ manifest }) => manifest.address ?? []));
    const isoPath = await isoPathOf(spec.iso, image, images);
    const ownVolumes = driver.imageVolumes ? ownVolumesFor(spec, image) : [];
    const manifest = { ...newManifest({ id, spec, image, isoPath, takenAddresses }), ownVolumes };
    const entry = newEntry(manifest, driver, 'creating');
    const guest = await turns.hold(entry, 'create', () =>
      operations.run({ verb: 'create', targetId: id, target: spec.name, cancellable: true }, async (operation) => {
        operation.undo.defer('the new guest', () => unmake(context, ledger, entry));
        await mkdir(guestFolder(paths, id), { recursive: true, mode: 0o700 });
        await ledger.write(entry, {});
        ledger.put(entry);
        ledger.changed(entry);
        // From here on the image counts as used; should it have been removed just before, this says so.
        if (manifest.imageId !== null) images.get(manifest.imageId);
        await prepareVolumes(context, manifest, operation);
        await driver.create(manifest, operation);
        operation.signal.throwIfAborted();
        await ledger.write(entry, { mark: 'ready' });
        entry.state = 'stopped';
        return shown(entry);
      }),
    );
    runs.tell(entry, 'create', {});
    return guest;
  } finally {
    claims.drop(spec.name);
  }
}

/** Takes a half-made guest back. What cannot be taken back stays in the list, marked, and can be removed later. */
async function unmake(context: GuestsContext, ledger: Ledger, entry: Entry): Promise<void> {
  try {
    await entry.driver.remove(entry.manifest);
    await context.volumes.removeOf(entry.manifest.id);
    await rm(guestFolder(context.paths, entry.manifest.id), { recursive: true, force: true });
    ledger.drop(entry);
  } catch (error) {
    entry.state = 'failed';
    entry.manifest = { ...entry.manifest, failure: toErrorShape(error) };
    throw error;
  }
}
