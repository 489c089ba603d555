/**
 * Reads a few things from an ISO 9660 medium (ECMA-119): what its volume says of itself, and small files by their path.
 * The medium is hostile: every number is checked against the file's size, every walk is as deep as the path asked for,
 * and no more than a bounded amount is read whatever it claims.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { GuesthouseError } from '../../contract/errors.ts';
import { FIRST_DESCRIPTOR, RECORD_HEAD_BYTES, SECTOR_BYTES } from './fields.ts';
import { rockRidgeName } from './rock-ridge.ts';

export interface IsoVolumeFacts {
  readonly label: string;
  readonly system: string;
  readonly publisher: string;
  readonly application: string;
}

export interface IsoReader {
  readonly volume: IsoVolumeFacts;
  /** The first `maxBytes` of a file; null: there is none of that path. Case does not matter. */
  read(path: string, maxBytes?: number): Promise<string | null>;
  /** Whether a file or folder is there. */
  has(path: string): Promise<boolean>;
  close(): Promise<void>;
}

/** Descriptors looked at before one must have been the primary one. */
const MAX_DESCRIPTORS = 16;
/** A folder's list is read so far; those of installers have a few hundred entries (bytes). */
const MAX_FOLDER_BYTES = 512 * 1024;
const MAX_FILE_BYTES = 64 * 1024;
const MAX_DEPTH = 8;

interface Extent {
  readonly sector: number;
  readonly sizeBytes: number;
  readonly folder: boolean;
}

/** Throws `bad-data` for what is no such medium or is cut off, and what opening throws. */
export async function openIso(path: string): Promise<IsoReader> {
  const file = await open(path, 'r');
  try {
    return await readerOf(file, path);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readerOf(file: FileHandle, path: string): Promise<IsoReader> {
  const { size: fileBytes } = await file.stat();
  const primary = await primaryDescriptor(file, path, fileBytes);
  const text = (offset: number, length: number) =>
    primary
      .toString('latin1', offset, offset + length)
      .replace(/[\0 ]+$/, '')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: shown to a person
      .replace(/[\0-\x1f\x7f-\x9f]/g, ' ')
      .trim();
  const blockBytes = primary.readUInt16LE(128);
  if (blockBytes !== SECTOR_BYTES) throw unreadable(path, `its blocks have ${blockBytes} bytes`);
  const volumeBytes = primary.readUInt32LE(80) * blockBytes;
  if (volumeBytes > fileBytes) throw truncated(path, volumeBytes, fileBytes);
  const root = extentOf(primary.subarray(156, 190));
  const folders = new Map<number, Promise<Map<string, Extent>>>();

  const within = (extent: Extent, bytes: number): Extent => {
    const end = extent.sector * SECTOR_BYTES + Math.min(extent.sizeBytes, bytes);
    if (end > fileBytes) throw truncated(path, end, fileBytes);
    return extent;
  };
  const list = (folder: Extent): Promise<Map<string, Extent>> => {
    const known = folders.get(folder.sector);
    if (known) return known;
    const read = readAt(file, within(folder, MAX_FOLDER_BYTES), MAX_FOLDER_BYTES).then(entriesOf);
    folders.set(folder.sector, read);
    return read;
  };
  const find = async (wanted: string): Promise<Extent | null> => {
    const parts = wanted
      .toLowerCase()
      .split('/')
      .filter((part) => part !== '');
    let at: Extent | undefined = { ...root, folder: true };
    for (const part of parts.slice(0, MAX_DEPTH)) {
      if (!at?.folder) return null;
      at = (await list(at)).get(part);
    }
    return at ?? null;
  };

  return {
    volume: { label: text(40, 32), system: text(8, 32), publisher: text(318, 128), application: text(574, 128) },
    has: async (wanted) => (await find(wanted)) !== null,
    async read(wanted, maxBytes = MAX_FILE_BYTES) {
      const found = await find(wanted);
      if (!found || found.folder) return null;
      const bytes = Math.min(maxBytes, MAX_FILE_BYTES);
      return (await readAt(file, within(found, bytes), bytes)).toString('utf8');
    },
    close: () => file.close(),
  };
}

async function primaryDescriptor(file: FileHandle, path: string, fileBytes: number): Promise<Buffer> {
  for (let index = 0; index < MAX_DESCRIPTORS; index++) {
    const sector = FIRST_DESCRIPTOR + index;
    const bytes = await readAt(file, { sector, sizeBytes: SECTOR_BYTES, folder: false }, SECTOR_BYTES);
    if (bytes.length < SECTOR_BYTES) throw truncated(path, (sector + 1) * SECTOR_BYTES, fileBytes);
    if (bytes.toString('latin1', 1, 6) !== 'CD001') break;
    if (bytes[0] === 1) return bytes;
    if (bytes[0] === 255) break;
  }
  throw unreadable(path, 'it has no primary volume');
}

function extentOf(record: Buffer): Extent {
  return {
    sector: record.readUInt32LE(2),
    sizeBytes: record.readUInt32LE(10),
    folder: ((record[25] as number) & 2) !== 0,
  };
}

/** By name in small letters, Rock Ridge's where there is one. Records never cross a sector's end (6.8.1.1). */
function entriesOf(list: Buffer): Map<string, Extent> {
  const found = new Map<string, Extent>();
  for (let sector = 0; sector < list.length; sector += SECTOR_BYTES) {
    const end = Math.min(sector + SECTOR_BYTES, list.length);
    for (let at = sector; at < end; ) {
      const length = list[at] as number;
      if (length < RECORD_HEAD_BYTES + 1 || at + length > end) break;
      const record = list.subarray(at, at + length);
      at += length;
      const nameLength = record[32] as number;
      const nameEnd = RECORD_HEAD_BYTES + nameLength;
      if (nameEnd > length) break;
      const name = record.toString('latin1', RECORD_HEAD_BYTES, nameEnd);
      if (name === '\0' || name === '\x01') continue;
      const plain = name.replace(/;\d+$/, '').replace(/\.$/, '');
      const longer = rockRidgeName(record.subarray(nameEnd + (nameLength % 2 === 0 ? 1 : 0)));
      const extent = extentOf(record);
      for (const one of [plain, longer]) if (one) found.set(one.toLowerCase(), extent);
    }
  }
  return found;
}

/** At most `maxBytes`, less where the file ends. */
async function readAt(file: FileHandle, { sector, sizeBytes }: Extent, maxBytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(Math.min(sizeBytes, maxBytes));
  let done = 0;
  while (done < buffer.length) {
    const { bytesRead } = await file.read(buffer, done, buffer.length - done, sector * SECTOR_BYTES + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return buffer.subarray(0, done);
}

const mib = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(1)} MiB`;

function truncated(path: string, wanted: number, there: number): GuesthouseError {
  return new GuesthouseError({
    code: 'bad-data',
    message: `${path} is a truncated ISO.`,
    subject: path,
    cause: `It says it has ${mib(wanted)}, and ${mib(there)} are there.`,
    hint: 'Fetch it again: the download was probably cut off.',
  });
}

function unreadable(path: string, why: string): GuesthouseError {
  return new GuesthouseError({
    code: 'bad-data',
    message: `${path} is not an ISO medium that can be read: ${why}.`,
    subject: path,
    hint: 'Fetch it again, or choose another one.',
  });
}
