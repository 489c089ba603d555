/**
 * `images/<64 hex>/image.json`: the truth about one image. Whatever no record speaks of (layers, disks, work folders)
 * is rubbish, so removing an image is removing its record first, and a crash at any moment leaves only rubbish.
 */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Image, ImageConfig } from '../contract/image.ts';
import { readJson, removeTemporaries, syncFolder, writeAtomic } from '../host/files.ts';
import type { Log } from '../host/log.ts';
import { NO_CONFIG } from './config.ts';

const RECORD_VERSION = 1;

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
  /** Checksum (sha256 or sha512) of the file it was fetched as, of what a catalogue names. */
  readonly fetched?: string;
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
  /** buildah's storage: what it keeps of earlier builds, so that their steps need not run again. */
  readonly builds: string;
}

export function storeFolders(images: string): Folders {
  return {
    records: join(images, 'images'),
    layers: join(images, 'layers'),
    files: join(images, 'files'),
    rootDisks: join(images, 'rootdisks'),
    work: join(images, 'work'),
    partials: join(images, 'partials'),
    builds: join(images, 'builds'),
  };
}

/** Image id `sha256:<hex>` -> its 64 hex digits. */
export function idHex(id: string): string {
  return id.slice('sha256:'.length);
}

/** A record that is there and says nothing we understand. What it keeps is not known, so nothing of it is removed. */
export interface UnreadableRecord {
  /** 64 hex digits. */
  readonly hex: string;
  /** Half a sentence: `it is damaged (…)`. */
  readonly reason: string;
}

export interface FoundRecords {
  /** Oldest first. */
  readonly records: readonly ImageRecord[];
  readonly unreadable: readonly UnreadableRecord[];
}

/** A folder without a record is what a crash left before or after there was one, and goes. */
export async function readRecords(folders: Folders, log: Log): Promise<FoundRecords> {
  const records: ImageRecord[] = [];
  const unreadable: UnreadableRecord[] = [];
  for (const hex of await readdir(folders.records)) {
    if (!/^[0-9a-f]{64}$/.test(hex)) continue;
    const folder = join(folders.records, hex);
    try {
      const record = await readJson<ImageRecord>(join(folder, 'image.json'));
      if (record !== null) await removeTemporaries(folder);
      if (record === null) await rm(folder, { recursive: true, force: true });
      else if (record.version > RECORD_VERSION)
        unreadable.push({ hex, reason: 'it was written by a newer Guesthouse' });
      else if (isRecord(record, hex)) records.push(record);
      else unreadable.push({ hex, reason: 'its image.json is not about it' });
    } catch (error) {
      unreadable.push({ hex, reason: `its image.json is damaged (${(error as Error).message})` });
    }
  }
  for (const one of unreadable) log.error('an image record cannot be read and is left alone', { ...one });
  return { records: records.sort((a, b) => a.createdAt - b.createdAt), unreadable };
}

function isRecord(record: ImageRecord, hex: string): boolean {
  const { version, id, names, layers, kind } = record;
  return (
    version === RECORD_VERSION &&
    id === `sha256:${hex}` &&
    isTexts(names) &&
    names.length > 0 &&
    isTexts(layers) &&
    ['rootfs', 'disk', 'iso'].includes(kind)
  );
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
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

/**
 * `ownBytes`: of its bytes, what no other image has too. `asked`: what it was asked for by; where that is one of its
 * names, it is the one shown.
 */
export function toImage(record: ImageRecord, usedBy: readonly string[], ownBytes: number, asked?: string): Image {
  const name = record.names.find((one) => one === asked) ?? (record.names[0] as string);
  const { id, kind, createdAt, sizeBytes, origin, config, architecture } = record;
  return {
    id,
    name,
    aliases: record.names.filter((one) => one !== name),
    kind,
    createdAt,
    sizeBytes,
    origin,
    config: config && { ...NO_CONFIG, ...config },
    ownBytes,
    virtualBytes: record.disk?.virtualBytes ?? null,
    architecture,
    usedBy: [...usedBy],
  };
}
