/** What a container changed, as a layer to be laid over its image's. */
import { overlayTar } from '../../images/archive/overlay-tar.ts';
import type { DriverContext, GuestRecord } from '../driver.ts';
import { makeRootfsFolders, rootfsFolders } from './rootfs.ts';

/** Whoever wants it of one moment lets the container stand still meanwhile. */
export async function* changedLayer(
  { paths, house }: DriverContext,
  guest: GuestRecord,
  { signal }: { readonly signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  await house.ensure();
  await makeRootfsFolders(paths, guest.id); // one that never ran has changed nothing
  yield* overlayTar({
    prefix: house.enter({ network: false }),
    folder: rootfsFolders(paths, guest.id).upper,
    namespace: (await house.privilege()) === 'root' ? 'trusted' : 'user',
    signal,
  });
}
