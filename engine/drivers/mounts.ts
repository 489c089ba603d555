/** What a guest sees of folders outside its own storage: what was asked for, and the volumes its image wants. */
import type { Mount } from '../contract/guest.ts';
import type { DriverContext, GuestRecord } from './driver.ts';

/**
 * Every mount of the guest with an absolute path of the host as its source, names of volumes resolved. Throws
 * `not-found` for a volume that is gone.
 */
export async function hostMounts(
  guest: Pick<GuestRecord, 'spec' | 'ownVolumes'>,
  volumes: DriverContext['volumes'],
): Promise<readonly Mount[]> {
  const own = (guest.ownVolumes ?? []).map(({ volume, target }) => ({ source: volume, target, readOnly: false }));
  return Promise.all(
    [...own, ...guest.spec.mounts].map(async (mount) =>
      mount.source.startsWith('/') ? mount : { ...mount, source: await volumes.path(mount.source) },
    ),
  );
}
