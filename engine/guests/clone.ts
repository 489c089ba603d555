/**
 * A new guest with a copy of another's data. The original stands still while it is copied, if it runs, so the copy is
 * what a loss of power would have left. Named volumes are shared; volumes of the original's own are copied.
 */
import type { CloneKind, ClonePlan } from '../contract/clone.ts';
import { GuesthouseError } from '../contract/errors.ts';
import type { Guest, GuestSpec } from '../contract/guest.ts';
import type { GuestRecord, OperationContext } from '../drivers/driver.ts';
import { newVolumeId } from '../volumes/create.ts';
import { createGuest } from './creation.ts';
import { assertClosed, type Entry } from './entry.ts';
import type { GuestRooms } from './rooms.ts';
import { requireAwake } from './snapshots/kept-memory.ts';
import { findSnapshot, snapshotFolder } from './snapshots/record.ts';
import { specAt } from './snapshots/restoring.ts';
import { snapshotsOf } from './snapshots/snapshots.ts';
import { standingStill } from './standing-still.ts';
import { assertAllowed, busy } from './state.ts';

/** Throws `busy`, `unsupported`, the first problem of the new name or its ports, and whatever copying throws. */
export async function cloneGuest(rooms: GuestRooms, entry: Entry, name: string, kind: CloneKind): Promise<Guest> {
  const { driver } = entry;
  const act = (kind === 'linked' ? driver.linkData : driver.copyData)?.bind(driver);
  if (!act) throw unsupported(entry, kind);
  if (kind === 'linked') requireAwake(entry, 'a linked clone now');
  const made = { verb: 'clone', name, spec: entry.manifest.spec } as const;
  const parted = (guest: GuestRecord, operation: OperationContext) =>
    kind === 'full' ? driver.partCopy?.(guest, operation) : undefined;
  return copyOf(rooms, entry, made, (guest, operation) => act(entry.manifest, guest, operation), parted);
}

/** What the clone's storage would take. */
export async function planClone({ driver, manifest }: Entry): Promise<ClonePlan> {
  return (await driver.copyRoom?.(manifest)) ?? { fullBytes: null, linkedBytes: null };
}

/** A new guest that begins as this one was in a snapshot. Volumes are no part of one: they are copied as they are now. */
export async function branchGuest(rooms: GuestRooms, entry: Entry, ref: string, name: string): Promise<Guest> {
  const { paths } = rooms.context;
  const { id, spec } = entry.manifest;
  const snapshots = snapshotsOf(entry);
  const record = await findSnapshot(paths, { id, name: spec.name }, ref);
  const snapshot = { id: record.id, folder: snapshotFolder(paths, id, record.id) };
  const then = specAt(spec, record.spec);
  return copyOf(rooms, entry, { verb: 'branch', name, spec: then }, (guest, operation) =>
    snapshots.branch(entry.manifest, snapshot, guest, operation),
  );
}

async function copyOf(
  rooms: GuestRooms,
  entry: Entry,
  made: { readonly verb: 'clone' | 'branch'; readonly name: string; readonly spec: GuestSpec },
  copy: (guest: GuestRecord, operation: OperationContext) => Promise<void>,
  after?: (guest: GuestRecord, operation: OperationContext) => Promise<void> | undefined,
): Promise<Guest> {
  const { context, turns } = rooms;
  const { volumes } = context;
  const { verb, name, spec } = made;
  if (entry.holder) throw busy(entry.manifest.spec.name, entry.holder.verb);
  assertAllowed('clone', { name: entry.manifest.spec.name, state: entry.state });
  assertClosed(entry);
  return turns.hold(entry, verb, async () => {
    await entry.cleanup;
    const { imageId, imageName, ownVolumes = [] } = entry.manifest;
    const image = imageId === null ? null : { ...context.images.get(imageId), name: imageName ?? imageId };
    const taken = new Set(volumes.list().map(({ id }) => id));
    const pairs = ownVolumes.map(({ volume, target }) => ({ from: volume, volume: newVolumeId(taken), target }));
    const draft = {
      ...spec,
      name,
      // Its name may mean another image by now.
      image: imageId,
      ports: spec.ports.map((rule) => ({ ...rule, hostPort: 0 })),
      // They are one machine's alone.
      hostDevices: [],
      macAddress: null,
    };
    return createGuest(rooms, draft, {
      verb,
      image,
      ownDisk: true,
      shownImage: spec.image,
      ownVolumes: pairs.map(({ volume, target }) => ({ volume, target })),
      storage: async (guest, operation) => {
        await standingStill(rooms, entry, async () => {
          for (const { from, volume } of pairs) {
            await volumes.createFor(guest.id, volume);
            await volumes.copy(from, volume, operation);
          }
          await copy(guest, operation);
        });
        await after?.(guest, operation);
      },
    });
  });
}

function unsupported({ manifest: { spec } }: Entry, kind: CloneKind): GuesthouseError {
  if (kind === 'linked')
    return new GuesthouseError({
      code: 'unsupported',
      message: `${spec.name} cannot have a linked clone.`,
      subject: spec.name,
      cause: 'What a container wrote lies in a folder of its own, of which nothing can be shared.',
      hint: 'Make a full clone, or commit it as an image and make guests of that.',
    });
  return new GuesthouseError({
    code: 'unsupported',
    message: `${spec.name} cannot be cloned: nothing here can copy a ${spec.isolation}.`,
    subject: spec.name,
  });
}
