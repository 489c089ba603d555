/**
 * Judges a layer's entries before anything is unpacked: what may be unpacked as it is, what is left out, what is a
 * whiteout (OCI image specification, layer.md) and what makes the whole layer unacceptable.
 */
import { GuesthouseError } from '../../contract/errors.ts';
import type { TarEntry } from './tar-reader.ts';

export interface ScanLimits {
  readonly entries: number;
  /** Content of all files together. */
  readonly unpackedBytes: number;
  readonly pathBytes: number;
  /** What there is room for on the disk; left out: not looked at. */
  readonly roomBytes?: number;
}

export const SCAN_LIMITS: ScanLimits = { entries: 1_000_000, unpackedBytes: 64 * 1024 ** 3, pathBytes: 4095 };

/** Folder attributes that the marks written later must keep. */
export interface FolderStat {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
}

export interface LayerScan {
  /** `keep`: unpack; `drop`: leave out (a whiteout mark or a device). Throws `bad-data`. */
  judge(entry: TarEntry): 'keep' | 'drop';
  /** Throws `bad-data` for what can only be known at the end. */
  finish(): LayerMarks;
}

export interface LayerMarks {
  /** Paths that hide what lower layers have there. */
  readonly whiteouts: readonly string[];
  /** Folders that hide all that lower layers have in them. */
  readonly opaque: readonly string[];
  readonly folders: ReadonlyMap<string, FolderStat>;
  readonly entries: number;
  readonly unpackedBytes: number;
  /** What it will take on a disk with blocks of 4 KiB. */
  readonly diskBytes: number;
  readonly devicesLeftOut: number;
}

const BLOCK_BYTES = 4096;
const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';

export function createLayerScan(limits: ScanLimits = SCAN_LIMITS): LayerScan {
  const folders = new Map<string, FolderStat>();
  /** Every path that is a symbolic link at some moment. */
  const links = new Set<string>();
  const present = new Set<string>();
  const whiteouts = new Set<string>();
  const opaque = new Set<string>();
  let entries = 0;
  let unpackedBytes = 0;
  let storedBytes = 0;
  let diskBytes = 0;
  let devicesLeftOut = 0;

  /** With no entry written through a link, paths mean what they say: no other name leads to the same place. */
  const checkParents = (path: string, original: string) => {
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1))
      if (links.has(path.slice(0, at))) throw refused(original, 'is written through a link');
  };

  return {
    judge(entry) {
      if (++entries > limits.entries) throw refused(entry.name, `is one of more than ${limits.entries} entries`);
      const path = cleanPath(entry.name, limits);
      const sparseName = entry.pax.get('GNU.sparse.name');
      if (sparseName !== undefined) cleanPath(sparseName, limits);
      const content = Number(entry.pax.get('GNU.sparse.realsize') ?? entry.sizeBytes);
      if (!Number.isSafeInteger(content)) throw refused(entry.name, 'has an impossible size');
      unpackedBytes += content;
      if (unpackedBytes > limits.unpackedBytes)
        throw refused(entry.name, `takes the layer beyond ${Math.floor(limits.unpackedBytes / 1024 ** 3)} GiB`);
      // A header says what is to come: a bomb is refused before it is unpacked.
      storedBytes += entry.sizeBytes;
      if (storedBytes > (limits.roomBytes ?? Number.POSITIVE_INFINITY)) throw noRoom();
      checkParents(path, entry.name);

      const base = path.slice(path.lastIndexOf('/') + 1);
      const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')));
      if (base === OPAQUE) {
        opaque.add(parent);
        return 'drop';
      }
      if (base.startsWith('.wh..wh.')) return 'drop'; // aufs' own bookkeeping
      if (base.startsWith(WHITEOUT)) {
        const hidden = base.slice(WHITEOUT.length);
        if (hidden === '' || hidden === '.' || hidden === '..') throw refused(entry.name, 'hides an impossible name');
        whiteouts.add(parent ? `${parent}/${hidden}` : hidden);
        return 'drop';
      }
      if (entry.type === 'character' || entry.type === 'block') {
        devicesLeftOut++;
        return 'drop';
      }
      if (entry.type === 'link') {
        const target = cleanPath(entry.linkName, limits, entry.name);
        checkParents(target, entry.name);
        if (links.has(target)) links.add(path);
      }
      if (path === '' && entry.type !== 'folder') throw refused(entry.name, 'is not a folder');
      if (entry.type === 'symlink') {
        if (
          entry.linkName === '' ||
          entry.linkName.includes('\0') ||
          Buffer.byteLength(entry.linkName) > limits.pathBytes
        )
          throw refused(entry.name, 'is a link that leads nowhere');
        links.add(path);
      }
      if (entry.type === 'folder')
        folders.set(path, { mode: entry.mode, uid: entry.uid, gid: entry.gid, mtime: Math.floor(entry.mtime) });
      // The holes of a sparse file are neither in the archive nor on the disk.
      diskBytes += entry.type === 'folder' ? BLOCK_BYTES : Math.ceil(entry.sizeBytes / BLOCK_BYTES) * BLOCK_BYTES;
      present.add(path);
      return 'keep';
    },

    finish() {
      // Marks are written by path after the links are real, so not one of their parents may be a link.
      for (const path of [...whiteouts, ...[...opaque].map((folder) => `${folder}/x`)]) checkParents(path, path);
      return {
        whiteouts: [...whiteouts].filter((path) => !present.has(path)),
        opaque: [...opaque],
        folders,
        entries,
        unpackedBytes,
        diskBytes,
        devicesLeftOut,
      };
    },
  };
}

/** `./usr//bin/` -> `usr/bin`; the root is the empty string. */
function cleanPath(name: string, limits: ScanLimits, subject = name): string {
  if (name === '' || name.includes('\0')) throw refused(subject, 'has no usable name');
  if (name.startsWith('/')) throw refused(subject, 'is an absolute path');
  if (Buffer.byteLength(name) > limits.pathBytes) throw refused(subject, 'has too long a name');
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw refused(subject, 'leaves the layer');
  if (parts.some((part) => Buffer.byteLength(part) > 255)) throw refused(subject, 'has too long a name');
  return parts.join('/');
}

/** As the disk itself would say it, so that it is told as a full disk is. */
function noRoom(): Error {
  return Object.assign(new Error('No space left on device'), { code: 'ENOSPC' });
}

function refused(name: string, why: string): GuesthouseError {
  const shown = name.length > 120 ? `${name.slice(0, 120)}…` : name;
  return new GuesthouseError({
    code: 'bad-data',
    message: `The layer is refused: ${JSON.stringify(shown)} ${why}.`,
    subject: shown,
    hint: 'The archive is damaged, or made to do harm. Nothing of it was unpacked.',
  });
}
