/**
 * Snapshots of a container: what it wrote (the upper folder of its overlay), copied while it stands still. A copy and not a
 * further layer: what it differs from its image by stays in one folder, which is what is looked at, exported and committed.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../../host/files.ts';
import { guestFolder, type Paths } from '../../host/paths.ts';
import { createInside } from '../../images/inside.ts';
import { copyTree } from '../../volumes/copy-tree.ts';
import type { DriverContext, GuestRecord, GuestSnapshots, OperationContext } from '../driver.ts';
import { makeRootfsFolders, removeRootfs, rootfsFolders } from './rootfs.ts';

const RESTORE_TIMEOUT_MS = 12 * 60 * 60_000;
const STEP = 'Copying what it wrote';

/** `still`: runs an act while the container, if it runs, stands still. `vacate`: nobody looks into it any more. */
export function containerSnapshots(
  context: DriverContext,
  still: <T>(guest: GuestRecord, act: () => Promise<T>) => Promise<T>,
  vacate: (guest: GuestRecord) => Promise<void>,
): GuestSnapshots {
  const { house, paths } = context;
  const inside = createInside(house);
  const upperOf = ({ id }: GuestRecord) => rootfsFolders(paths, id).upper;

  return {
    memoryProblem: () => 'The memory of a container is part of the host’s own system.',
    leftOut: ({ spec, ownVolumes = [] }) => [
      ...spec.mounts.map(({ source, target }) => `${source} (${target})`),
      ...ownVolumes.map(({ target }) => `a volume of its own (${target})`),
    ],

    async take(guest, { id }, operation) {
      await makeRootfsFolders(paths, guest.id); // one that never ran has none
      const folder = keptFolder(paths, guest.id, id);
      operation.undo.defer('the copy', () => inside.removeTree(folder));
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const upper = join(folder, 'upper');
      await mkdir(upper, { mode: 0o755 });
      await still(guest, () => copyTree(inside, upperOf(guest), upper, STEP, operation));
      await syncFolder(folder);
      return { memory: false, picture: false };
    },

    async restore(guest, { id }) {
      const signal = AbortSignal.timeout(RESTORE_TIMEOUT_MS);
      await vacate(guest);
      await makeRootfsFolders(paths, guest.id);
      const { upper, work } = rootfsFolders(paths, guest.id);
      const [next, old] = [`${upper}.next`, `${upper}.old`];
      for (const left of [next, old]) await inside.removeTree(left); // of one that was cut off
      await mkdir(next, { mode: 0o755 });
      await copyTree(inside, join(keptFolder(paths, guest.id, id), 'upper'), next, STEP, { signal, progress() {} });
      await rename(upper, old);
      await rename(next, upper);
      await syncFolder(guestFolder(paths, guest.id));
      // Its notes are about the folder that went.
      for (const left of [old, work]) await inside.removeTree(left);
      await makeRootfsFolders(paths, guest.id);
    },

    async sweep(guest, kept) {
      const folder = allKept(paths, guest.id);
      for (const id of await readdir(folder).catch(() => []))
        if (!kept.has(id)) await inside.removeTree(join(folder, id));
    },

    async branch(from, { id }, to, operation: OperationContext) {
      operation.undo.defer('the container folders', () => removeRootfs(house, paths, to.id));
      await makeRootfsFolders(paths, to.id);
      await copyTree(inside, join(keptFolder(paths, from.id, id), 'upper'), upperOf(to), STEP, operation);
    },

    async sizes(guest) {
      await inside.ensure();
      const folder = allKept(paths, guest.id);
      const ids = await readdir(folder).catch(() => []);
      const sizes = await inside.diskUses([upperOf(guest), ...ids.map((id) => join(folder, id))]);
      return new Map<string | null, number>([
        [null, sizes[0] ?? 0],
        ...ids.map((id, at): [string, number] => [id, sizes[at + 1] ?? 0]),
      ]);
    },
  };
}

const allKept = (paths: Paths, guestId: string) => join(guestFolder(paths, guestId), 'uppers');
const keptFolder = (paths: Paths, guestId: string, snapshot: string) => join(allKept(paths, guestId), snapshot);

/** With the guest. */
export async function removeContainerSnapshots({ house, paths }: DriverContext, guestId: string): Promise<void> {
  const folder = allKept(paths, guestId);
  const { upper } = rootfsFolders(paths, guestId);
  const left = [folder, `${upper}.next`, `${upper}.old`].filter((path) => existsSync(path));
  const inside = createInside(house);
  for (const path of left) await inside.removeTree(path);
}
