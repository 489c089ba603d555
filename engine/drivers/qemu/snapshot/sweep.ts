/**
 * Layers of snapshots that are no more become part of what stands on them. One on which several stand stays until all but
 * one of them are gone: a copy for each would take more room than it gives back.
 */
import { rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from '../../../host/files.ts';
import { run } from '../../../host/process.ts';
import type { DriverContext, GuestRecord, OperationContext } from '../../driver.ts';
import { readBackingName } from '../layers/backing-name.ts';
import {
  type Backing,
  fromLayer,
  type ImageDisk,
  type LayerRecord,
  layerPath,
  over,
  readLayers,
  topPath,
  withoutLayer,
  writeLayers,
} from '../layers/record.ts';
import type { LiveMachine } from '../live.ts';
import { machinePaths } from '../run-record.ts';
import { mergeLive } from './merge-live.ts';
import { heldDisks } from './take.ts';

const TIMEOUT_MS = 12 * 60 * 60_000;

export async function sweepLayers(
  context: DriverContext,
  guest: GuestRecord,
  machine: LiveMachine | null,
  kept: ReadonlySet<string>,
  operation: OperationContext,
): Promise<void> {
  const { home } = machinePaths(context.paths, guest.id);
  const images = await heldDisks(context, guest, operation);
  let record = await readLayers(home);
  for (const layer of Object.keys(record.layers).filter((id) => !kept.has(id)))
    for (const disk of Object.keys(record.layers[layer] ?? {})) {
      operation.signal.throwIfAborted();
      // Of a disk the guest has no more, the image is not known any more; only what nobody stands on can go.
      const image = images.has(disk) ? (images.get(disk) ?? null) : undefined;
      record = await sweepOne(home, record, disk, layer, image, machine, operation);
    }
}

async function sweepOne(
  home: string,
  record: LayerRecord,
  disk: string,
  layer: string,
  image: ImageDisk | null | undefined,
  machine: LiveMachine | null,
  operation: OperationContext,
): Promise<LayerRecord> {
  const frozen = layerPath(home, disk, layer);
  const standing = over(record, disk, layer);
  const [into] = standing;
  if (into === undefined) {
    const next = await writeLayers(home, withoutLayer(record, disk, layer));
    await rm(frozen, { force: true });
    return next;
  }
  if (standing.length > 1 || image === undefined || (await isShared(frozen))) return record;
  const merged = into === null ? topPath(home, disk) : layerPath(home, disk, into);
  if (await isShared(merged)) return record;
  const behind = fromLayer(home, record, disk, record.layers[layer]?.[disk] ?? null, image);
  operation.progress({ step: `Merging what the snapshot held of ${disk}`, fraction: null });
  const pending = { kind: 'merge', layer, disk, into } as const;
  const begun = await writeLayers(home, { ...record, pending });
  try {
    if (machine === null) await mergeFiles(frozen, merged, behind, operation);
    else if (!(await mergeLive(machine, disk, { frozen, merged, isTop: into === null, behind }, operation)))
      return await writeLayers(home, { ...begun, pending: null });
  } catch (error) {
    if ((await readBackingName(merged)) !== (behind?.name ?? null)) {
      await writeLayers(home, { ...begun, pending: null });
      throw error;
    }
  }
  const next = await writeLayers(home, { ...withoutLayer(record, disk, layer), pending: null });
  await rm(frozen, { force: true });
  return next;
}

/**
 * The smaller one is written into the larger one. Cut off at any point, the file over the layer is still what it was: what
 * was added to it is what shows through from behind, or what it hides itself.
 */
async function mergeFiles(
  frozen: string,
  merged: string,
  behind: Backing | null,
  { signal }: OperationContext,
): Promise<void> {
  const options = { signal, timeoutMs: TIMEOUT_MS, cwd: dirname(merged) };
  if ((await used(frozen)) > (await used(merged))) {
    await run(['qemu-img', 'commit', '-q', '-f', 'qcow2', '-d', merged], options);
    await rename(frozen, merged);
    return syncFolder(dirname(merged));
  }
  const words = behind ? ['-b', behind.name, '-F', behind.format] : ['-b', ''];
  await run(['qemu-img', 'rebase', '-q', '-f', 'qcow2', ...words, merged], options);
}

const used = async (path: string) => (await stat(path)).blocks * 512;

/** Another guest has a link to it. */
async function isShared(path: string): Promise<boolean> {
  return ((await stat(path).catch(() => null))?.nlink ?? 1) > 1;
}
