/** What a draft leaves out. */
import type { GuestDraft } from '../contract/api.ts';
import type { GuestSpec, Isolation } from '../contract/guest.ts';
import type { ImageKind } from '../contract/image.ts';

/** Enough for a small service, small enough to have twenty of them (MiB). */
const DEFAULT_MEMORY_MIB: Record<Isolation, number> = { container: 512, microvm: 512, vm: 1024 };
/** Room for an installed system when the disk starts empty (GiB); it grows as it is written. */
const DEFAULT_EMPTY_DISK_GIB = 20;

/** Fills in everything that was left out. Checks nothing. */
export function withDefaults(draft: GuestDraft, imageKind: ImageKind | null): GuestSpec {
  const startsEmpty = draft.isolation !== 'container' && (imageKind === null || imageKind === 'iso');
  return {
    name: draft.name,
    image: draft.image ?? null,
    isolation: draft.isolation,
    cpus: draft.cpus ?? 1,
    memoryMib: draft.memoryMib ?? DEFAULT_MEMORY_MIB[draft.isolation],
    diskGib: draft.diskGib ?? (startsEmpty ? DEFAULT_EMPTY_DISK_GIB : null),
    ports: draft.ports ?? [],
    mounts: draft.mounts ?? [],
    env: draft.env ?? {},
    command: draft.command && draft.command.length > 0 ? draft.command : null,
    iso: draft.iso ?? null,
    network: draft.network ?? 'nat',
  };
}
