/** What a guest sees of folders outside its own storage: what was asked for, and the volumes its image wants. */
import type { Mount } from '../contract/guest.ts';
import type { DriverContext, GuestRecord } from './driver.ts';

type WithMounts = Pick<GuestRecord, 'spec' | 'ownVolumes'>;

/** Every mount of the guest, each before those below it; a source without `/` in front is the name of a volume. */
export function mountsOf({ spec, ownVolumes = [] }: WithMounts): readonly Mount[] {
  const own = ownVolumes.map(({ volume, target }) => ({ source: volume, target, readOnly: false }));
  const depth = ({ target }: Mount) => target.split('/').filter((part) => part !== '').length;
  return [...own, ...spec.mounts].sort((a, b) => depth(a) - depth(b));
}

/** The same with paths of the host as sources. Throws `not-found` for a volume that is gone. */
export async function hostMounts(
  guest: WithMounts,
  volumes: Pick<DriverContext['volumes'], 'path'>,
): Promise<readonly Mount[]> {
  return Promise.all(
    mountsOf(guest).map(async (mount) =>
      mount.source.startsWith('/') ? mount : { ...mount, source: await volumes.path(mount.source) },
    ),
  );
}
