/**
 * Reads a tar stream entry by entry and keeps each entry's header blocks as they were, so that a filter can pass an
 * entry on untouched or leave it out. Strict on purpose: what two readers could understand differently is refused.
 * Format: POSIX.1-2017 pax and ustar, plus GNU long names (types `L` and `K`).
 */
import { GuesthouseError } from '../../contract/errors.ts';
import { ByteQueue } from './byte-queue.ts';

export const BLOCK_BYTES = 512;
/** Names, links and attributes of one entry together (bytes); Linux allows 64 KiB per extended attribute. */
const MAX_EXTENDED_BYTES = 1024 * 1024;

export type TarType = 'file' | 'link' | 'symlink' | 'character' | 'block' | 'folder' | 'fifo';

export interface TarEntry {
  readonly name: string;
  readonly linkName: string;
  readonly type: TarType;
  /** Bytes of content that follow, without padding. */
  readonly sizeBytes: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since the epoch. */
  readonly mtime: number;
  readonly major: number;
  readonly minor: number;
  readonly pax: ReadonlyMap<string, string>;
  /** Position of the content in the stream. */
  readonly offset: number;
  /** All header blocks of the entry, extended ones first. */
  readonly header: Uint8Array;
}

export interface TarSink {
  /** `true`: the entry's content is wanted. */
  entry(entry: TarEntry): boolean | Promise<boolean>;
  /** Pieces of the content of the entry last wanted, with its padding at the end. */
  content(bytes: Uint8Array): void | undefined | Promise<void>;
}

const TYPES: Record<string, TarType> = {
  '\0': 'file',
  '0': 'file',
  '7': 'file',
  '1': 'link',
  '2': 'symlink',
  '3': 'character',
  '4': 'block',
  '5': 'folder',
  '6': 'fifo',
};

/**
 * Throws `bad-data` at the first thing that is not a plain tar, and ends the source then. Trailing zero blocks end the
 * archive.
 */
export async function readTar(source: AsyncIterable<Uint8Array>, sink: TarSink): Promise<void> {
  const queue = new ByteQueue(source);
  try {
    await readEntries(queue, sink);
  } finally {
    await queue.close();
  }
}

async function readEntries(queue: ByteQueue, sink: TarSink): Promise<void> {
  const globals = new Map<string, string>();
  let extended: { blocks: Uint8Array[]; bytes: number; pax: Map<string, string>; name?: string; link?: string } | null =
    null;
  let seen = false;

  for (;;) {
    const block = await queue.take(BLOCK_BYTES);
    if (block === null) {
      if (!seen) throw damaged('it is empty');
      throw damaged('it ends too early');
    }
    if (isZero(block)) {
      if (extended) throw damaged('a header without its entry');
      break;
    }
    checkSum(block);
    seen = true;
    const flag = String.fromCharCode(block[156] ?? 0);
    const headerSize = number(block, 124, 12);

    if (flag === 'x' || flag === 'g' || flag === 'L' || flag === 'K') {
      if (headerSize > MAX_EXTENDED_BYTES) throw damaged('an extended header is too large');
      const body = await queue.take(padded(headerSize));
      if (body === null) throw damaged('it ends too early');
      const bytes = body.subarray(0, headerSize);
      if (flag === 'g') {
        for (const [key, value] of paxRecords(bytes)) globals.set(key, value);
        // A global name or size would rename entries behind the scan's back.
        for (const key of ['path', 'linkpath', 'size', 'GNU.sparse.name'])
          if (globals.has(key)) throw damaged(`a global header sets ${key}`);
        continue;
      }
      extended ??= { blocks: [], bytes: 0, pax: new Map() };
      extended.blocks.push(block, body);
      extended.bytes += block.length + body.length;
      if (extended.bytes > 2 * MAX_EXTENDED_BYTES) throw damaged('an extended header is too large');
      if (flag === 'x') {
        if (extended.pax.size > 0) throw damaged('two extended headers before one entry');
        extended.pax = paxRecords(bytes);
      } else if (flag === 'L') extended.name = text(bytes);
      else extended.link = text(bytes);
      continue;
    }

    const type = TYPES[flag];
    if (!type) throw damaged(`entries of type ${JSON.stringify(flag)} are not supported`);
    const pax = extended?.pax ?? new Map<string, string>();
    const magic = text(block.subarray(257, 263));
    const prefix = magic === 'ustar' ? text(block.subarray(345, 500)) : '';
    const shortName = text(block.subarray(0, 100));
    const name = pax.get('path') ?? extended?.name ?? (prefix ? `${prefix}/${shortName}` : shortName);
    // Before ustar a folder was a file whose name ends in a slash.
    if (extended?.name !== undefined && pax.has('path')) throw damaged('an entry has two long names');
    if (extended?.link !== undefined && pax.has('linkpath')) throw damaged('an entry has two long names');
    const kind = type === 'file' && name.endsWith('/') ? 'folder' : type;
    const size = pax.has('size') ? decimal(pax.get('size') as string) : headerSize;
    if (size < 0) throw damaged('a size is negative');
    if (kind !== 'file' && kind !== 'link' && size !== 0) throw damaged('an entry without content has a size');
    const entry: TarEntry = {
      name,
      linkName: pax.get('linkpath') ?? extended?.link ?? text(block.subarray(157, 257)),
      type: kind,
      sizeBytes: kind === 'file' ? size : 0,
      mode: number(block, 100, 8) & 0o7777,
      uid: pax.has('uid') ? decimal(pax.get('uid') as string) : number(block, 108, 8),
      gid: pax.has('gid') ? decimal(pax.get('gid') as string) : number(block, 116, 8),
      mtime: pax.has('mtime') ? Number(pax.get('mtime')) : number(block, 136, 12),
      major: type === 'character' || type === 'block' ? number(block, 329, 8) : 0,
      minor: type === 'character' || type === 'block' ? number(block, 337, 8) : 0,
      pax,
      offset: queue.position,
      header: Buffer.concat([...(extended?.blocks ?? []), block]),
    };
    extended = null;
    const wanted = await sink.entry(entry);
    let left = padded(entry.sizeBytes);
    while (left > 0) {
      const piece = await queue.some(left);
      if (piece === null) throw damaged('it ends too early');
      left -= piece.length;
      const taken = wanted ? sink.content(piece) : undefined;
      if (taken) await taken;
    }
  }
  // Whatever follows the end mark is read (the digest covers it) and has no meaning.
  while ((await queue.some(1 << 20)) !== null);
}

export function padded(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
}

export function damaged(why: string): GuesthouseError {
  return new GuesthouseError({ code: 'bad-data', message: `The archive cannot be read: ${why}.` });
}

function isZero(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0);
}

function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Buffer.from(end === -1 ? bytes : bytes.subarray(0, end)).toString('utf8');
}

function decimal(digits: string): number {
  if (!/^\d{1,16}$/.test(digits)) throw damaged('a size is not a number');
  return Number(digits);
}

/** Octal digits, or GNU's base 256 when the first bit is set. */
function number(block: Uint8Array, at: number, length: number): number {
  const field = block.subarray(at, at + length);
  const first = field[0] ?? 0;
  if (first & 0x80) {
    if (first === 0xff) return -1; // a time before 1970
    let value = first & 0x7f;
    for (const byte of field.subarray(1)) {
      value = value * 256 + byte;
      if (value > Number.MAX_SAFE_INTEGER) throw damaged('a number is too large');
    }
    return value;
  }
  const digits = text(field).trim();
  if (digits === '') return 0;
  if (!/^[0-7]+$/.test(digits)) throw damaged('a number in a header is not octal');
  return Number.parseInt(digits, 8);
}

function checkSum(block: Uint8Array): void {
  let sum = 0;
  for (let at = 0; at < BLOCK_BYTES; at++) sum += at >= 148 && at < 156 ? 32 : (block[at] ?? 0);
  if (sum !== number(block, 148, 8)) throw damaged('a header has a wrong checksum');
}

/** `length key=value\n` records; a value is bytes, of which only names and numbers matter here. */
function paxRecords(body: Uint8Array): Map<string, string> {
  const records = new Map<string, string>();
  let at = 0;
  while (at < body.length && body[at] !== 0) {
    const space = body.indexOf(32, at);
    const length = space === -1 ? Number.NaN : Number(Buffer.from(body.subarray(at, space)).toString('latin1'));
    if (!Number.isInteger(length) || length < 5 || at + length > body.length || body[at + length - 1] !== 10)
      throw damaged('an extended header is malformed');
    const record = Buffer.from(body.subarray(space + 1, at + length - 1));
    const equals = record.indexOf(61);
    if (equals < 1) throw damaged('an extended header is malformed');
    const key = record.subarray(0, equals).toString('utf8');
    if (records.has(key)) throw damaged('an extended header says the same thing twice');
    records.set(key, record.subarray(equals + 1).toString('utf8'));
    at += length;
  }
  return records;
}
