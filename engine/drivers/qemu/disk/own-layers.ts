/** A copy of a machine becomes one that shares nothing with the original: what its disks stand on is copied, and merged. */
import { rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ClonePlan } from '../../../contract/clone.ts';
import { hasOwnDisk, isHostDisk, ROOT_DISK } from '../../../contract/disk.ts';
import { syncFolder } from '../../../host/files.ts';
import { copyInto } from '../../../images/import/copy.ts';
import type { DriverContext, GuestRecord, OperationContext } from '../../driver.ts';
import { layerPath, readLayers, topPath } from '../layers/record.ts';
import { machinePaths } from '../run-record.ts';
import { sweepLayers } from '../snapshot/sweep.ts';
import { diskFile } from './storage.ts';

const BLOCK_BYTES = 512;
/** An empty file over another: what makeEmptyOverlay writes of it, and what its first start adds. */
const OVERLAY_BYTES = 256 * 1024;

/** Of a machine that does not run and has no snapshots. */
export async function ownLayers(
  context: DriverContext,
  guest: GuestRecord,
  operation: OperationContext,
): Promise<void> {
  const { home } = machinePaths(context.paths, guest.id);
  const { layers } = await readLayers(home);
  for (const [layer, disks] of Object.entries(layers))
    for (const disk of Object.keys(disks)) {
      const path = layerPath(home, disk, layer);
      if ((await stat(path)).nlink === 1) continue;
      const half = `${path}.own`;
      operation.undo.defer('a half copy of a layer', () => rm(half, { force: true }));
      await copyInto(path, half, 'Copying what the disk stands on', operation);
      await rename(half, path);
      await syncFolder(dirname(path));
    }
  await sweepLayers(context, guest, null, new Set(), operation);
}

/** About, before anything is merged. */
export async function roomOfCopies({ paths }: Pick<DriverContext, 'paths'>, guest: GuestRecord): Promise<ClonePlan> {
  const { home, disk: root } = machinePaths(paths, guest.id);
  const { tops, layers } = await readLayers(home);
  const own = guest.spec.disks.filter((disk) => !isHostDisk(disk));
  const shared = [
    ...(hasOwnDisk(guest.spec) ? [{ disk: ROOT_DISK, path: root }] : []),
    ...own.flatMap((disk) => (disk.format === 'qcow2' ? [{ disk: disk.name, path: topPath(home, disk.name) }] : [])),
  ];
  const rawFiles = own.flatMap((disk) => (disk.format === 'raw' ? [diskFile(paths, guest.id, disk)] : []));
  const behind = shared.flatMap(({ disk }) => {
    const found: string[] = [];
    for (let at = tops[disk] ?? null; at !== null; at = layers[at]?.[disk] ?? null)
      found.push(layerPath(home, disk, at));
    return found;
  });
  const sum = async (files: readonly string[]) =>
    (await Promise.all(files.map(usedBytes))).reduce((total, bytes) => total + bytes, 0);
  const raw = await sum(rawFiles);
  return {
    fullBytes: raw + (await sum([...shared.map(({ path }) => path), ...behind])),
    linkedBytes: shared.length === 0 ? null : raw + shared.length * OVERLAY_BYTES,
  };
}

const usedBytes = async (path: string) => ((await stat(path).catch(() => null))?.blocks ?? 0) * BLOCK_BYTES;
