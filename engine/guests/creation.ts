/** Making a guest: checked, written down, made by its driver; or nothing of it is left. */
import { mkdir, rm } from 'node:fs/promises';
import type { GuestDraft } from '../contract/api.ts';
import { type ErrorShape, GuesthouseError, toErrorShape } from '../contract/errors.ts';
import type { Guest } from '../contract/guest.ts';
import type { Image } from '../contract/image.ts';
import type { Driver, GuestRecord, OperationContext } from '../drivers/driver.ts';
import { guestFolder } from '../host/paths.ts';
import { ownVolumesFor, prepareVolumes } from '../volumes/for-guest.ts';
import { isoPathOf } from './check.ts';
import type { GuestsContext } from './context.ts';
import { type Entry, neighbour, newEntry, shown } from './entry.ts';
import { addressesFor, addressesTaken, newGuestId } from './identity.ts';
import type { Ledger } from './ledger.ts';
import { newManifest } from './manifest-write.ts';
import type { GuestRooms } from './rooms.ts';

/** Where what a new guest consists of comes from, when not from its image alone. */
export interface Making {
  readonly verb: 'create' | 'clone' | 'branch' | 'import-guest';
  /** The act it is a part of; left out: it is one of its own. */
  readonly within?: OperationContext;
  /** What it is made from, where the name in the draft may mean something else by now. */
  readonly image?: Image | null;
  /** What its spec says of its image; left out: as in the draft. */
  readonly shownImage?: string | null;
  /** Volumes of its own and where they are seen; left out: those its image wants. */
  readonly ownVolumes?: GuestRecord['ownVolumes'];
  /** Its storage holds what it starts from. Left out: false. */
  readonly ownDisk?: boolean;
  /** Makes its storage and its volumes; left out: empty ones. */
  readonly storage?: (guest: GuestRecord, operation: OperationContext) => Promise<void>;
}

/** Throws the first problem of the draft, and whatever its driver throws. */
export async function createGuest(
  rooms: GuestRooms,
  draft: GuestDraft,
  making: Making = { verb: 'create' },
): Promise<Guest> {
  const { verb } = making;
  const { context, ledger, turns, runs, claims } = rooms;
  const { problems, spec: checked } = await rooms.check(draft, null, making.ownDisk);
  if (checked === null) throw new GuesthouseError(problems[0]?.error as ErrorShape);
  const spec = making.shownImage === undefined ? checked : { ...checked, image: making.shownImage };
  const { operations, paths, images } = context;
  const driver = await context.driverFor(spec.isolation);
  const entries = [...ledger.all()];
  claims.take(spec, entries.map(neighbour));
  const id = newGuestId(new Set(entries.map(({ manifest }) => manifest.id)));
  try {
    const named = () => (spec.image === null ? null : images.get(spec.image));
    const image = making.image === undefined ? named() : making.image;
    const isoPath = await isoPathOf(spec.iso, image, images);
    const taken = addressesTaken([...[...ledger.all()].map(({ manifest }) => manifest), ...claims.addresses()]);
    const addresses = addressesFor(id, spec, context.networks, taken);
    claims.hold(spec.name, addresses);
    const ownVolumes = making.ownVolumes ?? (driver.imageVolumes ? ownVolumesFor(spec, image) : []);
    const manifest = { ...newManifest({ id, spec, image, isoPath, addresses }), ownVolumes };
    const entry = newEntry(manifest, driver, 'creating');
    const make = async (operation: OperationContext) => {
      operation.undo.defer('the new guest', () => unmake(context, ledger, entry));
      await mkdir(guestFolder(paths, id), { recursive: true, mode: 0o700 });
      await ledger.write(entry, {});
      ledger.put(entry);
      ledger.changed(entry);
      // From here on the image counts as used; should it have been removed just before, this says so.
      if (manifest.imageId !== null) images.get(manifest.imageId);
      for (const { network } of addresses) context.networks.get(network);
      const storage = making.storage ?? newStorage(context, driver);
      await storage(manifest, operation);
      operation.signal.throwIfAborted();
      await ledger.write(entry, { mark: 'ready' });
      entry.state = 'stopped';
      return shown(entry);
    };
    const guest = await turns.hold(entry, verb, () =>
      making.within
        ? make(making.within)
        : operations.run({ verb, targetId: id, target: spec.name, cancellable: true }, make),
    );
    runs.tell(entry, 'create', verb === 'create' ? {} : { by: verb });
    return guest;
  } finally {
    claims.drop(spec.name);
  }
}

function newStorage(context: GuestsContext, driver: Driver): NonNullable<Making['storage']> {
  return async (guest, operation) => {
    await prepareVolumes(context, guest, operation);
    await driver.create(guest, operation);
  };
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
