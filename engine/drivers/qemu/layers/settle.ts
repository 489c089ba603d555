/**
 * Carries on, or takes back, what an engine began with a machine's layers and could not end. A file that is put over a
 * disk is empty at first, so doing it once too often loses nothing; what must not happen is that a guest goes on with a
 * file under which its newest one was forgotten.
 */
import { rename, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { exists, syncFolder } from '../../../host/files.ts';
import { readBackingName } from './backing-name.ts';
import { type LayerRecord, layerPath, nextPath, readLayers, topPath, withoutLayer, writeLayers } from './record.ts';

/** `isSwitched`: of a machine that runs, whether QEMU has the new files in use; null: it does not run. */
export async function settleLayers(
  home: string,
  isSwitched: ((layer: string) => Promise<boolean>) | null,
): Promise<LayerRecord> {
  const record = await readLayers(home);
  const { pending } = record;
  if (pending === null) return record;
  if (pending.kind === 'merge') return settleMerge(home, record, pending);
  if (pending.ready && (isSwitched === null || (await isSwitched(pending.layer)))) return complete(home, record);
  return takeBack(home, record);
}

/** All new files are there: they take their places. Whatever was done of it before is not done again. */
export async function complete(home: string, record: LayerRecord): Promise<LayerRecord> {
  const { pending } = record;
  if (pending === null || pending.kind === 'merge') return record;
  const { kind, layer, disks } = pending;
  for (const disk of disks) {
    const [top, frozen, next] = [topPath(home, disk), layerPath(home, disk, layer), nextPath(home, disk, layer)];
    if (!(await exists(next))) continue;
    // What the guest wrote since a snapshot it goes back to is given up here.
    if (kind === 'take' && !(await exists(frozen))) await rename(top, frozen);
    await rename(next, top);
    await syncFolder(dirname(top));
  }
  const tops = { ...record.tops, ...Object.fromEntries(disks.map((disk) => [disk, layer])) };
  const behind = Object.fromEntries(disks.map((disk) => [disk, record.tops[disk] ?? null]));
  const layers = kind === 'take' ? { ...record.layers, [layer]: behind } : record.layers;
  return writeLayers(home, { tops, layers, pending: null });
}

/** Nothing of it was used yet. */
export async function takeBack(home: string, record: LayerRecord): Promise<LayerRecord> {
  const { pending } = record;
  if (pending === null || pending.kind === 'merge') return record;
  for (const disk of pending.disks) await rm(nextPath(home, disk, pending.layer), { force: true });
  return writeLayers(home, { ...record, pending: null });
}

/** A merge is done when the file over the layer names what was behind it. Before, it still stands on it, unharmed. */
async function settleMerge(
  home: string,
  record: LayerRecord,
  { layer, disk, into }: { readonly layer: string; readonly disk: string; readonly into: string | null },
): Promise<LayerRecord> {
  const merged = into === null ? topPath(home, disk) : layerPath(home, disk, into);
  const frozen = layerPath(home, disk, layer);
  if ((await readBackingName(merged)) === basename(frozen)) return writeLayers(home, { ...record, pending: null });
  const next = await writeLayers(home, { ...withoutLayer(record, disk, layer), pending: null });
  await rm(frozen, { force: true });
  return next;
}
