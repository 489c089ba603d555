/** guest.json as it is made and written. Apart from reading it, which a list does without most of the engine. */
import type { GuestAddress, GuestSpec } from '../contract/guest.ts';
import { writeAtomic } from '../host/files.ts';
import type { Paths } from '../host/paths.ts';
import { macFor } from './identity.ts';
import { MANIFEST_VERSION, type Manifest, manifestPath, NEVER_RAN } from './manifest.ts';

/** The manifest of a guest that is just being made. */
export function newManifest(guest: {
  readonly id: string;
  readonly spec: GuestSpec;
  readonly image: { readonly id: string; readonly name: string } | null;
  readonly isoPath: string | null;
  readonly addresses: readonly GuestAddress[];
}): Manifest {
  const { id, spec, image, isoPath, addresses } = guest;
  return {
    version: MANIFEST_VERSION,
    id,
    spec,
    mark: 'creating',
    wanted: 'stopped',
    imageId: image?.id ?? null,
    imageName: image?.name ?? null,
    isoPath,
    address: addresses[0]?.v4 ?? null,
    addresses,
    mac: macFor(id),
    ports: spec.ports,
    createdAt: Date.now(),
    ...NEVER_RAN,
    exit: null,
    failure: null,
  };
}

export async function writeManifest(paths: Paths, manifest: Manifest): Promise<void> {
  await writeAtomic(manifestPath(paths, manifest.id), `${JSON.stringify(manifest, null, 2)}\n`);
}
