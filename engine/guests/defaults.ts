/** What a draft leaves out. */

import { totalmem } from 'node:os';
import type { GuestDraft } from '../contract/api.ts';
import type { GuestSpec, Isolation } from '../contract/guest.ts';
import type { ImageKind } from '../contract/image.ts';
import type { Medium } from '../contract/medium.ts';
import { completeFirstLogin } from './first-login.ts';
import { RUN_DEFAULTS } from './run-defaults.ts';

/** Enough for a small service, small enough to have twenty of them (MiB). */
const DEFAULT_MEMORY_MIB: Record<Isolation, number> = { container: 512, microvm: 512, vm: 1024 };
/** Room for an installed system when the disk starts empty (GiB); it grows as it is written. */
const DEFAULT_EMPTY_DISK_GIB = 20;

/** Fills in everything that was left out. Checks nothing. `ownDisk`: it has a disk of its own already. */
export function withDefaults(
  draft: GuestDraft,
  imageKind: ImageKind | null,
  medium: Pick<Medium, 'memoryMib' | 'diskGib'> | null = null,
  ownDisk = false,
): GuestSpec {
  // Something to start from on a further disk, and nothing else to: it is the first one.
  const onFurther =
    !ownDisk && imageKind === null && !draft.image && !draft.iso && draft.disks?.some(({ from }) => from !== null);
  const startsEmpty = draft.isolation !== 'container' && (imageKind === null || imageKind === 'iso');
  return {
    ...RUN_DEFAULTS,
    ...given(draft),
    name: draft.name,
    image: draft.image ?? null,
    isolation: draft.isolation,
    cpus: draft.cpus ?? 1,
    memoryMib: draft.memoryMib ?? memoryFor(draft.isolation, medium),
    diskGib: draft.diskGib ?? (onFurther ? 0 : startsEmpty ? (medium?.diskGib ?? DEFAULT_EMPTY_DISK_GIB) : null),
    ports: draft.ports ?? [],
    mounts: draft.mounts ?? [],
    env: draft.env ?? {},
    command: draft.command && draft.command.length > 0 ? draft.command : null,
    iso: draft.iso ?? null,
    network: draft.network ?? 'nat',
    firstLogin: completeFirstLogin(draft.firstLogin),
  };
}

/** As much as the system on the medium wants, but never more than half of what the host has. */
function memoryFor(isolation: Isolation, medium: Pick<Medium, 'memoryMib'> | null): number {
  const usual = DEFAULT_MEMORY_MIB[isolation];
  const half = Math.floor(totalmem() / 2 ** 20 / 2);
  return medium === null ? usual : Math.max(Math.min(medium.memoryMib, half), Math.min(usual, half));
}

/** An absent field is absent, also where a caller wrote `undefined`. */
function given(draft: GuestDraft): Partial<GuestDraft> {
  return Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== undefined));
}
