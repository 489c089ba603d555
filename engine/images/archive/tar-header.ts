/** Headers of tar entries we make ourselves (POSIX.1-2017, ustar with pax where that is too small). Pure. */
import { BLOCK_BYTES } from './tar-reader.ts';

export interface NewEntry {
  /** Without a slash in front. */
  readonly name: string;
  readonly type?: 'file' | 'folder';
  /** Bytes of content that will follow, padded to whole blocks. */
  readonly sizeBytes?: number;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Whole seconds since the epoch. */
  readonly mtime?: number;
}

/** Two blocks of zeros. */
export const END_MARK: Buffer = Buffer.alloc(2 * BLOCK_BYTES);
const MAX_NAME_BYTES = 100;
/** Eleven octal digits. */
const MAX_SIZE_BYTES = 8 * 1024 ** 3 - 1;
/** Seven octal digits. */
const MAX_ID = 0o7777777;

/** All header blocks of an entry. */
export function tarHeader(entry: NewEntry): Buffer {
  const { name, uid = 0, gid = 0 } = entry;
  const records: [string, string][] = [];
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) records.push(['path', name]);
  if (uid > MAX_ID) records.push(['uid', String(uid)]);
  if (gid > MAX_ID) records.push(['gid', String(gid)]);
  const own = block(entry, entry.type === 'folder' ? '5' : '0');
  return records.length === 0 ? own : Buffer.concat([extended(records.map(paxRecord)), own]);
}

/** An extended header (type `x`) of records as `paxRecord` makes them; nothing for none. */
export function extended(records: readonly Buffer[]): Buffer {
  if (records.length === 0) return Buffer.alloc(0);
  const body = Buffer.concat(records);
  const header = block({ name: 'PaxHeaders/x', sizeBytes: body.length, mode: 0o644 }, 'x');
  return Buffer.concat([header, body, padding(body.length)]);
}

/** `length key=value\n`, where the length counts itself. */
export function paxRecord([key, value]: readonly [string, string]): Buffer {
  const rest = Buffer.from(` ${key}=${value}\n`);
  let length = rest.length;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

/** Zeros that fill the last block of so much content. */
export function padding(sizeBytes: number): Buffer {
  return Buffer.alloc((BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES);
}

function block(entry: NewEntry, flag: string): Buffer {
  const { name, sizeBytes = 0, mode = 0o644, uid = 0, gid = 0, mtime = 0 } = entry;
  const header = Buffer.alloc(BLOCK_BYTES);
  header.set(Buffer.from(name).subarray(0, MAX_NAME_BYTES), 0);
  const octal = (value: number, at: number, width: number) =>
    header.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at, 'latin1');
  octal(mode, 100, 8);
  octal(Math.min(uid, MAX_ID), 108, 8);
  octal(Math.min(gid, MAX_ID), 116, 8);
  if (sizeBytes <= MAX_SIZE_BYTES) octal(sizeBytes, 124, 12);
  else {
    // GNU's base 256: a header has the same length whatever the size, so it can be written after its content.
    header[124] = 0x80;
    header.writeUIntBE(sizeBytes, 130, 6);
  }
  octal(Math.max(0, mtime), 136, 12);
  header.write(flag, 156, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  header.fill(0x20, 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}
