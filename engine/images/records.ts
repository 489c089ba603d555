/**
 * `images/<64 hex>/image.json`: the truth about one image. Whatever no record speaks of (layers, disks, work folders)
 * is rubbish, so removing an image is removing its record first, and a crash at any moment leaves only rubbish.
 */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Image, ImageConfig } from '../contract/image.ts';
import { readJson, syncFolder, writeAtomic } from '../host/files.ts';
import type { Log } from '../host/log.ts';

export const RECORD_VERSION = 1;

export interface ImageRecord {
  readonly version: typeof RECORD_VERSION;
  readonly id: string;
  /** Newest first; the first is the one shown. Never empty. */
  readonly names: readonly string[];
  readonly kind: 'rootfs' | 'disk' | 'iso';
  readonly createdAt: number;
  readonly sizeBytes: number;
  readonly origin: string;
  /** Name of the builder that made it; null for imports. */
  readonly builder: string | null;
  readonly architecture: string;
  readonly config: ImageConfig | null;
  /** Diff ids (64 hex), bottom first. Empty unless `rootfs`. */
  readonly layers: readonly string[];
  /** Only for `disk`. */
  readonly disk: { readonly format: 'qcow2' | 'raw'; readonly virtualBytes: number } | null;
}

export interface Folders {
  readonly records: string;
  readonly layers: string;
  /** Imported disks and ISO files: `<64 hex>.qcow2`, `.raw`, `.iso`. */
  readonly files: string;
  /** Disks made from a rootfs: `<64 hex>.raw`. */
  readonly rootDisks: string;
  /** Everything half-made; emptied at start. */
  readonly work: string;
  /** Layers on their way from a registry, `<64 hex of the blob>`; a pull goes on where an earlier one was cut. */
  readonly partials: string;
}

export function storeFolders(images: string): Folders {
  return {
    records: join(images, 'images'),
    layers: join(images, 'layers'),
    files: join(images, 'files'),
    rootDisks: join(images, 'rootdisks'),
    work: join(images, 'work'),
    partials: join(images, 'partials'),
  };
}

/** Image id `sha256:<hex>` -> its 64 hex digits. */
export function idHex(id: string): string {
  return id.slice('sha256:'.length);
}

export async function readRecords(folders: Folders, log: Log): Promise<ImageRecord[]> {
  const records: ImageRecord[] = [];
  for (const hex of await readdir(folders.records)) {
    if (!/^[0-9a-f]{64}$/.test(hex)) continue;
    try {
      const record = await readJson<ImageRecord>(join(folders.records, hex, 'image.json'));
      if (record === null) await rm(join(folders.records, hex), { recursive: true, force: true });
      else if (record.version === RECORD_VERSION && record.id === `sha256:${hex}`) records.push(record);
      else log.warn('image record of another version is left alone', { hex });
    } catch (error) {
      log.error('damaged image record is left alone', { hex, error });
    }
  }
  return records.sort((a, b) => a.createdAt - b.createdAt);
}

export async function writeRecord(folders: Folders, record: ImageRecord): Promise<void> {
  const folder = join(folders.records, idHex(record.id));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeAtomic(join(folder, 'image.json'), `${JSON.stringify(record, null, 2)}\n`);
  await syncFolder(folders.records);
}

export async function eraseRecord(folders: Folders, id: string): Promise<void> {
  await rm(join(folders.records, idHex(id)), { recursive: true, force: true });
  await syncFolder(folders.records);
}

export function toImage(record: ImageRecord, usedBy: readonly string[]): Image {
  const { id, kind, createdAt, sizeBytes, origin, config, architecture } = record;
  return {
    id,
    name: record.names[0] as string,
    kind,
    createdAt,
    sizeBytes,
    origin,
    config,
    virtualBytes: record.disk?.virtualBytes ?? null,
    architecture,
    usedBy: [...usedBy],
  };
}
