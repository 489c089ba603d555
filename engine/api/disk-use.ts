/** What everything of this home takes on the disk, each guest and volume by itself. */
import type { DiskUse } from '../contract/host.ts';
import { guestFolder } from '../host/paths.ts';
import { createInside } from '../images/inside.ts';
import type { Rooms } from './rooms.ts';

export async function diskUse({ guests, house, images, paths, volumes }: Rooms): Promise<DiskUse> {
  const inside = createInside(house);
  await inside.ensure();
  const allGuests = guests.list();
  const allVolumes = volumes.list();
  const trashed = guests.trash.list().guests;
  const folders = [
    ...[...allGuests, ...trashed].map(({ id }) => guestFolder(paths, id)),
    ...(await Promise.all(allVolumes.map(({ id }) => volumes.path(id)))),
  ];
  const bytes = folders.length > 0 ? await inside.diskUses(folders) : [];
  const sized = (all: readonly { readonly id: string; readonly name: string }[], from: number) =>
    all.map(({ id, name }, at) => ({ id, name, bytes: bytes[from + at] ?? 0 }));
  return {
    ...(await images.diskUse()),
    guests: sized(allGuests, 0),
    trash: sized(trashed, allGuests.length),
    volumes: sized(allVolumes, allGuests.length + trashed.length),
  };
}
