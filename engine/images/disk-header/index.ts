/**
 * Looks at a disk of unknown origin before any other program does: what format it is, how large, and whether it keeps to
 * itself. A disk that names other files of the host is refused here, since qemu-img and QEMU would open them.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { GuesthouseError, toErrorShape } from '../../contract/errors.ts';
import { type ByteSource, checkedSize, type DiskFormat, type DiskHeader } from './header.ts';
import { parseQcow2, QCOW2_HEAD_BYTES } from './qcow2.ts';
import { parseVdi, VDI_HEAD_BYTES } from './vdi.ts';
import { findVhdFooter, parseVhd } from './vhd.ts';
import { parseVhdx } from './vhdx.ts';
import { parseVmdk } from './vmdk.ts';

export type { ByteSource, DiskFormat, DiskHeader } from './header.ts';

const SECTOR_BYTES = 512;

/** `as`: it is taken as this format whatever it looks like (a raw disk of a guest may begin with any header). */
export interface HeaderOptions {
  readonly as?: DiskFormat;
  /** qcow2 only: the one file it may be the difference to, by its absolute path. Left out: none. */
  readonly backing?: string;
}

/**
 * Throws `not-found`, `denied`, or `bad-data` with one reason: a backing or data file, an extent elsewhere, encryption, a
 * feature nobody knows, an impossible size, a header that is cut off.
 */
export async function readDiskHeader(path: string, options: HeaderOptions = {}): Promise<DiskHeader> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    throw unreadable(path, error as NodeJS.ErrnoException);
  }
  try {
    const found = await file.stat();
    if (!found.isFile()) {
      throw new GuesthouseError({ code: 'bad-data', message: `${path} is not a regular file.`, subject: path });
    }
    return await parseDiskHeader(sourceOf(file, found.size), options);
  } catch (error) {
    throw error instanceof GuesthouseError && error.subject === undefined
      ? new GuesthouseError({ ...toErrorShape(error), subject: path })
      : error;
  } finally {
    await file.close();
  }
}

/** The same of bytes that are anywhere. */
export async function parseDiskHeader(source: ByteSource, options: HeaderOptions = {}): Promise<DiskHeader> {
  const format = options.as ?? (await detectDiskFormat(source)) ?? 'raw';
  switch (format) {
    case 'qcow2': {
      const { virtualBytes } = parseQcow2(
        await source.read(0, QCOW2_HEAD_BYTES),
        source.sizeBytes,
        options.backing ?? null,
      );
      return { format, virtualBytes };
    }
    case 'vmdk':
      return { format, virtualBytes: await parseVmdk(source) };
    case 'vdi':
      return { format, virtualBytes: parseVdi(await source.read(0, VDI_HEAD_BYTES), source.sizeBytes) };
    case 'vpc':
      return { format, virtualBytes: await parseVhd(source) };
    case 'vhdx':
      return { format, virtualBytes: await parseVhdx(source) };
    case 'raw': {
      const sectors = Math.ceil(source.sizeBytes / SECTOR_BYTES);
      return { format, virtualBytes: checkedSize('raw', BigInt(sectors) * BigInt(SECTOR_BYTES)) };
    }
  }
}

/** By its content; null: none with a header, which is raw at best. */
export async function detectDiskFormat(source: ByteSource): Promise<Exclude<DiskFormat, 'raw'> | null> {
  const head = await source.read(0, SECTOR_BYTES);
  const at = (offset: number, text: string) => head.toString('latin1', offset, offset + text.length) === text;
  if (at(0, 'QFI\xfb')) return 'qcow2';
  if (at(0, 'KDMV') || at(0, 'COWD') || at(0, '# Disk DescriptorFile')) return 'vmdk';
  if (at(0, 'vhdxfile')) return 'vhdx';
  if (head.length >= 68 && head.readUInt32LE(64) === 0xbeda107f) return 'vdi';
  if ((await findVhdFooter(source)) !== null) return 'vpc';
  return null;
}

function sourceOf(file: FileHandle, sizeBytes: number): ByteSource {
  return {
    sizeBytes,
    async read(offset, length) {
      const bytes = Buffer.alloc(Math.max(0, Math.min(length, sizeBytes - offset)));
      let filled = 0;
      while (filled < bytes.length) {
        const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, offset + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return bytes.subarray(0, filled);
    },
  };
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
