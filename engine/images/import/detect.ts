/** What a file is, by its content; its name says nothing. */
import { type FileHandle, open, stat } from 'node:fs/promises';
import { GuesthouseError } from '../../contract/errors.ts';
import { bytesOf } from '../convert/piece.ts';
import { type DiskFormat, detectDiskFormat } from '../disk-header/index.ts';

export type FileKind = DiskFormat | 'iso' | 'tar' | Squeezed;
/** Compressed; what is in it shows when it is unpacked. */
export type Squeezed = 'gzip' | 'zstd' | 'xz';

/** Enough for every signature looked for, the ISO's at 32769 included (bytes). */
const HEAD_BYTES = 36 * 1024;
const SECTOR = 512;

export const ACCEPTED =
  'Accepted are archives of `docker save` and OCI archives, disks (qcow2, VMDK, VDI, VHD, VHDX, and raw ones with a partition table), also compressed, and ISO media.';

/** Throws `not-found`, `denied` or `bad-data`. */
export async function detectFile(path: string): Promise<{ kind: FileKind; sizeBytes: number; head: Buffer }> {
  const status = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw unreadable(path, error);
  });
  if (!status.isFile()) throw notAnImage(path, status.isDirectory() ? 'a folder' : 'not a regular file');
  const { size } = status;
  if (size === 0) throw notAnImage(path, 'an empty file');
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    throw unreadable(path, error as NodeJS.ErrnoException);
  }
  try {
    const head = Buffer.alloc(Math.min(HEAD_BYTES, size));
    await readFully(file, head);
    const kind = (await detectDiskFormat(bytesOf({ file, offset: 0, sizeBytes: size }))) ?? detectContent(head);
    if (kind === null) throw notAnImage(path, describe(head));
    return { kind, sizeBytes: size, head };
  } finally {
    await file.close();
  }
}

/** From the first bytes of a file that is no disk with a header; null: none of ours. */
function detectContent(head: Buffer): FileKind | null {
  const at = (offset: number, text: string) => head.toString('latin1', offset, offset + text.length) === text;
  if (at(0, '\x1f\x8b\x08')) return 'gzip';
  if (at(0, '\x28\xb5\x2f\xfd')) return 'zstd';
  if (at(0, '\xfd7zXZ\0')) return 'xz';
  // Before the disks: a hybrid ISO has a partition table too.
  if (at(32769, 'CD001')) return 'iso';
  if (at(257, 'ustar')) return 'tar';
  if (foreign(head) === null && (at(SECTOR, 'EFI PART') || at(4096, 'EFI PART') || hasBootSector(head))) return 'raw';
  return null;
}

/** Whether a disk without a header has partitions or a boot sector: without them any file of the host would be a disk. */
export function hasPartitions(head: Buffer): boolean {
  return detectContent(head) === 'raw' || detectContent(head) === 'iso';
}

/** 55 AA at its end, and either partitions that make sense or boot code. */
function hasBootSector(head: Buffer): boolean {
  return head.length >= SECTOR && head[510] === 0x55 && head[511] === 0xaa;
}

/** Disk formats and archives we know and do not take, for a better answer. */
function foreign(head: Buffer): string | null {
  const text = (offset: number, length: number) => head.toString('latin1', offset, offset + length);
  if (text(0, 4) === 'QED\0') return 'a QED disk';
  if (text(0, 6) === 'LUKS\xba\xbe') return 'an encrypted (LUKS) disk';
  if (text(0, 4) === 'PK\x03\x04') return 'a ZIP archive';
  if (text(0, 3) === 'BZh') return 'a bzip2-compressed file';
  if (text(0, 4) === '\x7fELF') return 'a program';
  return null;
}

function describe(head: Buffer): string {
  const known = head.length >= 4 ? foreign(head) : null;
  if (known) return known;
  const sample = head.subarray(0, 4096);
  if (sample.every((byte) => byte === 0)) return 'a disk without a partition table';
  const binary = sample.some((byte) => byte < 9 || (byte > 13 && byte < 32 && byte !== 27));
  return binary ? 'a file of an unknown kind' : 'a text file';
}

export function notAnImage(path: string, is: string): GuesthouseError {
  const convert = is.includes('QED');
  return new GuesthouseError({
    code: 'bad-data',
    message: `${path} is ${is}, which is not an image.`,
    subject: path,
    hint: convert ? 'Convert it first: `qemu-img convert -O qcow2 FILE disk.qcow2`, then import disk.qcow2.' : ACCEPTED,
  });
}

function unreadable(path: string, error: NodeJS.ErrnoException): GuesthouseError {
  const missing = error.code === 'ENOENT' || error.code === 'ENOTDIR';
  return new GuesthouseError({
    code: missing ? 'not-found' : 'denied',
    message: missing ? `There is no file ${path}.` : `The file ${path} cannot be read.`,
    subject: path,
    ...(missing ? {} : { cause: error.message }),
    hint: missing
      ? 'Look whether its path is right, from the root of this host on.'
      : 'Let whoever keeps the guests read it.',
  });
}

/** Fills the buffer as far as the file goes. */
async function readFully(file: FileHandle, buffer: Buffer): Promise<void> {
  let at = 0;
  while (at < buffer.length) {
    const { bytesRead } = await file.read(buffer, at, buffer.length - at, at);
    if (bytesRead === 0) return;
    at += bytesRead;
  }
}
