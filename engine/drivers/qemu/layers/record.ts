/**
 * `layers.json` in a machine's folder: which of its disks' files are differences to which. A snapshot freezes the file of
 * each disk as a layer (`disk.<snapshot>.qcow2`), and an empty file over it takes its place under the disk's own name.
 * Names within files are relative, so that a layer can be linked into another guest's folder. What is written here is
 * believed; what the files say of each other is only checked.
 */
import { link, mkdir, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ROOT_DISK } from '../../../contract/disk.ts';
import { readJson, syncFolder, writeAtomic } from '../../../host/files.ts';
import type { OperationContext } from '../../driver.ts';

export interface LayerRecord {
  /** By disk: the layer its file is the difference to. Left out: the image's disk, or nothing. */
  readonly tops: Readonly<Record<string, string>>;
  /** By layer, then by disk: the layer that is behind it; null: the image's disk, or nothing. */
  readonly layers: Readonly<Record<string, Readonly<Record<string, string | null>>>>;
  /** What was begun and is not known to be done. See settle.ts. */
  readonly pending: PendingLayers | null;
}

export type PendingLayers =
  /** New, empty files for these disks over the layer. `ready`: all are made, so it is carried on; before, taken back. */
  | {
      readonly kind: 'take' | 'restore';
      readonly layer: string;
      readonly disks: readonly string[];
      readonly ready: boolean;
    }
  /** A layer becomes a part of what is over it: another layer, or (null) the disk's own file. */
  | { readonly kind: 'merge'; readonly layer: string; readonly disk: string; readonly into: string | null };

const NONE: LayerRecord = { tops: {}, layers: {}, pending: null };

const recordPath = (home: string) => join(home, 'layers.json');

/** Throws SyntaxError when it is damaged: nobody then knows what the disks are. */
export async function readLayers(home: string): Promise<LayerRecord> {
  return (await readJson<LayerRecord>(recordPath(home))) ?? NONE;
}

export async function writeLayers(home: string, record: LayerRecord): Promise<LayerRecord> {
  await writeAtomic(recordPath(home), `${JSON.stringify(record)}\n`);
  return record;
}

/** A disk's own file, which the guest writes to. */
export function topPath(home: string, disk: string): string {
  return disk === ROOT_DISK ? join(home, 'disk.qcow2') : join(home, 'disks', `${disk}.qcow2`);
}

/** The same disk's frozen one. */
export function layerPath(home: string, disk: string, layer: string): string {
  return topPath(home, disk).replace(/qcow2$/, `${layer}.qcow2`);
}

/** Made already, not yet in its place. The layer is in its name, by which a running QEMU can be asked for it. */
export function nextPath(home: string, disk: string, layer: string): string {
  return topPath(home, disk).replace(/qcow2$/, `${layer}.next`);
}

/** Whether a file is a layer's, or one that is just being made. */
export function isLayerFile(name: string): boolean {
  return /\.[0-9a-f]{12}\.(?:qcow2|next)$/.test(name);
}

/** A file somebody's file is the difference to. */
export interface Backing {
  /** How the file over it names it. */
  readonly name: string;
  readonly path: string;
  readonly format: 'qcow2' | 'raw';
  readonly backing: Backing | null;
}

/** The disk of an image, which is behind the lowest file. */
export type ImageDisk = { readonly path: string; readonly format: 'qcow2' | 'raw' };

/** What a disk's own file is the difference to. `image`: what its lowest file is. */
export function behindTop(home: string, record: LayerRecord, disk: string, image: ImageDisk | null): Backing | null {
  return fromLayer(home, record, disk, record.tops[disk] ?? null, image);
}

/** A layer's file as what is behind another; the image's disk for null. */
export function fromLayer(
  home: string,
  record: LayerRecord,
  disk: string,
  layer: string | null,
  image: ImageDisk | null,
): Backing | null {
  if (layer === null) return image && { name: image.path, path: image.path, format: image.format, backing: null };
  const path = layerPath(home, disk, layer);
  const behind = record.layers[layer]?.[disk] ?? null;
  return { name: basename(path), path, format: 'qcow2', backing: fromLayer(home, record, disk, behind, image) };
}

/** Layers of a disk that are directly over this one; null stands for the disk's own file. */
export function over(record: LayerRecord, disk: string, layer: string): (string | null)[] {
  const layers = Object.entries(record.layers).flatMap(([id, disks]) => (disks[disk] === layer ? [id] : []));
  return record.tops[disk] === layer ? [...layers, null] : layers;
}

/** Without a disk's file of one layer, and without the layer when it was the last. Pure. */
export function withoutLayer(record: LayerRecord, disk: string, layer: string): LayerRecord {
  const { [layer]: gone = {}, ...layers } = record.layers;
  const behind = gone[disk] ?? null;
  const { [disk]: _, ...rest } = gone;
  const moved = Object.fromEntries(
    Object.entries(layers).map(([id, disks]) => [id, disks[disk] === layer ? { ...disks, [disk]: behind } : disks]),
  );
  const { [disk]: top, ...tops } = record.tops;
  const next = top === layer ? behind : (top ?? null);
  return {
    ...record,
    tops: next === null ? tops : { ...tops, [disk]: next },
    layers: Object.keys(rest).length > 0 ? { ...moved, [layer]: rest } : moved,
  };
}

/** Of disks that are no more: one that comes later under the same name is not laid over what they were. */
export async function forgetTops(home: string, disks: readonly string[]): Promise<void> {
  const record = await readLayers(home);
  const kept = Object.entries(record.tops).filter(([disk]) => disks.includes(disk));
  if (kept.length < Object.keys(record.tops).length)
    await writeLayers(home, { ...record, tops: Object.fromEntries(kept) });
}

/** Links the layers below `starts` (a layer by disk) into another guest's folder: nobody writes to a layer. */
export async function linkLayers(
  from: string,
  to: string,
  starts: Readonly<Record<string, string>>,
): Promise<LayerRecord['layers']> {
  const { layers } = await readLayers(from);
  const linked: Record<string, Record<string, string | null>> = {};
  for (const [disk, start] of Object.entries(starts)) {
    const folder = dirname(topPath(to, disk));
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (let layer: string | null = start; layer !== null; ) {
      const behind: string | null = layers[layer]?.[disk] ?? null;
      await link(layerPath(from, disk, layer), layerPath(to, disk, layer));
      linked[layer] = { ...linked[layer], [disk]: behind };
      layer = behind;
    }
    await syncFolder(folder);
  }
  return linked;
}

/** What a copy of the guest's disks stands on. */
export async function copyLayers(from: string, to: string, { undo }: Pick<OperationContext, 'undo'>): Promise<void> {
  const { tops } = await readLayers(from);
  if (Object.keys(tops).length === 0) return;
  undo.defer('the layers', () => removeLayers(to));
  await writeLayers(to, { tops, layers: await linkLayers(from, to, tops), pending: null });
}

export async function removeLayers(home: string): Promise<void> {
  for (const name of await readdir(home).catch(() => []))
    if (isLayerFile(name) || name === 'layers.json') await rm(join(home, name), { force: true });
}
