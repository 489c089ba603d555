/**
 * A new guest with a copy of another's data. The original stands still while it is copied, if it runs, so the copy is
 * what a loss of power would have left. Named volumes are shared; volumes of the original's own are copied.
 */
import { GuesthouseError } from '../contract/errors.ts';
import type { Guest } from '../contract/guest.ts';
import { newVolumeId } from '../volumes/create.ts';
import { createGuest } from './creation.ts';
import { assertClosed, type Entry } from './entry.ts';
import type { GuestRooms } from './rooms.ts';
import { standingStill } from './standing-still.ts';
import { assertAllowed, busy } from './state.ts';

/** Throws `busy`, `unsupported`, the first problem of the new name or its ports, and whatever copying throws. */
export async function cloneGuest(rooms: GuestRooms, entry: Entry, name: string): Promise<Guest> {
  const { context, turns } = rooms;
  const { driver } = entry;
  const { volumes } = context;
  if (entry.holder) throw busy(entry.manifest.spec.name, entry.holder.verb);
  assertAllowed('clone', { name: entry.manifest.spec.name, state: entry.state });
  assertClosed(entry);
  const copyData = driver.copyData?.bind(driver);
  if (!copyData) throw unsupported(entry);
  return turns.hold(entry, 'clone', async () => {
    await entry.cleanup;
    const { spec, imageId, imageName, ownVolumes = [] } = entry.manifest;
    const image = imageId === null ? null : { ...context.images.get(imageId), name: imageName ?? imageId };
    const taken = new Set(volumes.list().map(({ id }) => id));
    const pairs = ownVolumes.map(({ volume, target }) => ({ from: volume, volume: newVolumeId(taken), target }));
    const draft = {
      ...spec,
      name,
      // Its name may mean another image by now.
      image: imageId,
      ports: spec.ports.map((rule) => ({ ...rule, hostPort: 0 })),
    };
    return createGuest(rooms, draft, {
      verb: 'clone',
      image,
      shownImage: spec.image,
      ownVolumes: pairs.map(({ volume, target }) => ({ volume, target })),
      storage: (guest, operation) =>
        standingStill(rooms, entry, async () => {
          for (const { from, volume } of pairs) {
            await volumes.createFor(guest.id, volume);
            await volumes.copy(from, volume, operation);
          }
          await copyData(entry.manifest, guest, operation);
        }),
    });
  });
}

function unsupported({ manifest: { spec } }: Entry): GuesthouseError {
  return new GuesthouseError({
    code: 'unsupported',
    message: `${spec.name} cannot be cloned: nothing here can copy a ${spec.isolation}.`,
    subject: spec.name,
  });
}
