/** The volumes of a guest that is being made: named ones it asks for, and those its image wants. */
import { GuesthouseError } from '../contract/errors.ts';
import type { GuestSpec } from '../contract/guest.ts';
import type { Image } from '../contract/image.ts';
import type { GuestRecord, OperationContext } from '../drivers/driver.ts';
import type { ImageStore } from '../images/store.ts';
import { newVolumeId } from './create.ts';
import type { VolumeStore } from './store.ts';
import { volumesOf } from './users.ts';

type OwnVolumes = NonNullable<GuestRecord['ownVolumes']>;

/** No image means more; one that was made to do harm may say any number. */
const MAX_OWN_VOLUMES = 100;

/**
 * Names for the volumes an image wants, where the guest does not put something else. Nothing is made yet. Throws
 * `bad-data` for an image that wants more than anybody means.
 */
export function ownVolumesFor(spec: GuestSpec, image: Pick<Image, 'config'> | null): OwnVolumes {
  const covered = new Set([...spec.mounts, ...spec.tmpfs].map(({ target }) => plainPath(target)));
  const taken = new Set<string>();
  const wanted = new Set((image?.config?.volumes ?? []).map(plainPath));
  if (wanted.size > MAX_OWN_VOLUMES) {
    throw new GuesthouseError({
      code: 'bad-data',
      message: `The image wants ${wanted.size} volumes; ${MAX_OWN_VOLUMES} are the most a guest gets.`,
      subject: 'image',
    });
  }
  return [...wanted].flatMap((target) => {
    if (target === null || covered.has(target)) return [];
    const volume = newVolumeId(taken);
    taken.add(volume);
    return [{ volume, target }];
  });
}

/** `/a//b/./c/` -> `/a/b/c`; null for what is no place below the root. */
export function plainPath(path: string): string | null {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (!path.startsWith('/') || parts.length === 0 || parts.includes('..') || /[\0\n]/.test(path)) return null;
  return `/${parts.join('/')}`;
}

/**
 * Makes what is not there yet and fills what is empty with the image's content. Whatever this made is taken back
 * through `undo`; what goes with the guest is removed with it.
 */
export async function prepareVolumes(
  rooms: { readonly volumes: VolumeStore; readonly images: ImageStore },
  guest: GuestRecord,
  operation: OperationContext,
): Promise<void> {
  const { volumes, images } = rooms;
  const { spec, ownVolumes = [], imageId } = guest;
  const there = new Set(volumes.list().map(({ name }) => name));
  for (const { volume } of ownVolumes) if (!there.has(volume)) await volumes.createFor(guest.id, volume);
  const own = new Set(ownVolumes.map(({ volume }) => volume));
  for (const name of volumesOf(guest)) {
    const made = own.has(name) ? null : await volumes.ensure(name);
    if (made !== null) operation.undo.defer('the volume', () => volumes.discard(made, spec.name));
  }
  if (imageId === null || images.get(imageId).kind !== 'rootfs') return;
  const places = [...ownVolumes.map(({ volume, target }) => ({ source: volume, target })), ...spec.mounts];
  const { layers } = await images.rootfs(imageId);
  for (const { source, target } of places) {
    if (source.startsWith('/')) continue;
    const tell = () => operation.progress({ step: `Filling the volume ${source}`, fraction: null });
    await volumes.fill(source, spec.name, { layers, path: target }, operation.signal, tell);
  }
}
