/**
 * Writes a small ISO 9660 medium: a few files in its root folder, with their real names in Rock Ridge (IEEE P1282, for
 * Linux and the BSDs) and in Joliet (for Windows). Everything is put together in memory.
 */
import { GuesthouseError } from '../../contract/errors.ts';
import {
  both16,
  both32,
  FIRST_DESCRIPTOR,
  padded,
  RECORD_HEAD_BYTES,
  recordTime,
  SECTOR_BYTES,
  sectorsOf,
  ucs2,
  volumeTime,
} from './fields.ts';
import { continuation, rockRidgeOfDot, rockRidgeOfFile } from './rock-ridge.ts';

export interface IsoFile {
  /** 1 to 64 characters without `/` and NUL. */
  readonly name: string;
  readonly content: Uint8Array;
}

export interface IsoVolume {
  /** 1 to 16 of `A-Z 0-9 _`: both trees have it. */
  readonly label: string;
  readonly files: readonly IsoFile[];
  readonly at: Date;
}

/** What a medium of this kind is for needs a few; more would need a directory longer than one sector. */
const MAX_FILES = 12;
const MAX_BYTES = 16 * 1024 ** 2;
/** Sectors, in the order they are written. */
const PRIMARY = FIRST_DESCRIPTOR;
const JOLIET = PRIMARY + 1;
const TERMINATOR = PRIMARY + 2;
const PATHS = { primary: { little: 19, big: 20 }, joliet: { little: 21, big: 22 } };
const ROOT = { primary: 23, joliet: 24 };
const CONTINUATION = 25;
const FIRST_FILE = 26;
/** Of a path table with the root folder alone (bytes). */
const PATH_TABLE_BYTES = 10;

type Tree = 'primary' | 'joliet';

/** Throws `invalid` for what does not fit; the same input gives the same bytes. */
export function writeIso({ label, files, at }: IsoVolume): Buffer {
  const bytes = files.reduce((sum, { content }) => sum + content.length, 0);
  if (!/^[A-Z0-9_]{1,16}$/.test(label)) throw unfit(`the label ${JSON.stringify(label)} cannot be written`);
  if (files.length > MAX_FILES || bytes > MAX_BYTES) throw unfit('it would have too much in it');
  if (new Set(files.map(({ name }) => name)).size < files.length) throw unfit('two files have the same name');
  const odd = files.find(({ name }) => !/^[^/\0]{1,64}$/.test(name) || name === '.' || name === '..');
  if (odd) throw unfit(`${JSON.stringify(odd.name.slice(0, 70))} cannot be the name of a file`);

  let next = FIRST_FILE;
  const placed = files.map((file, index) => {
    const sector = next;
    // An empty file has a place too: some readers take 0 for an error.
    next += Math.max(1, sectorsOf(file.content.length));
    return { ...file, sector, plainName: plainName(file.name, index) };
  });
  const image = Buffer.alloc(next * SECTOR_BYTES);
  const put = (sector: number, content: Uint8Array) => image.set(content, sector * SECTOR_BYTES);

  put(PRIMARY, descriptor('primary', label, next, at));
  put(JOLIET, descriptor('joliet', label, next, at));
  put(TERMINATOR, Buffer.from('\xffCD001\x01', 'latin1'));
  for (const tree of ['primary', 'joliet'] as const) {
    put(PATHS[tree].little, pathTable(ROOT[tree], 'little'));
    put(PATHS[tree].big, pathTable(ROOT[tree], 'big'));
    const folder = (name: string, rockRidge: Buffer) =>
      record({
        name: Buffer.from(name, 'latin1'),
        sector: ROOT[tree],
        sizeBytes: SECTOR_BYTES,
        folder: true,
        at,
        rockRidge,
      });
    const isPrimary = tree === 'primary';
    const entries = placed
      .map(({ name, plainName: plain, sector, content }) =>
        record({
          name: isPrimary ? Buffer.from(plain, 'latin1') : ucs2(name),
          sector,
          sizeBytes: content.length,
          folder: false,
          at,
          rockRidge: isPrimary ? rockRidgeOfFile(name, at) : NONE,
        }),
      )
      .sort((one, other) => Buffer.compare(nameIn(one), nameIn(other)));
    const all = Buffer.concat([
      folder('\0', isPrimary ? rockRidgeOfDot(at, CONTINUATION) : NONE),
      folder('\x01', NONE),
      ...entries,
    ]);
    if (all.length > SECTOR_BYTES) throw unfit('the names of its files are too long');
    put(ROOT[tree], all);
  }
  put(CONTINUATION, continuation());
  for (const { sector, content } of placed) put(sector, content);
  return image;
}

const NONE = Buffer.alloc(0);
const nameIn = (entry: Buffer): Buffer => entry.subarray(RECORD_HEAD_BYTES, RECORD_HEAD_BYTES + (entry[32] as number));

/** What systems see that know neither extension: eight letters, a number keeps them apart. */
function plainName(name: string, index: number): string {
  const letters = name.toUpperCase().replace(/[^A-Z0-9]/g, '_');
  return `${letters.slice(0, 6)}${index.toString(36).toUpperCase().padStart(2, '0')}.;1`;
}

/** 8.4 and, for Joliet, 8.5 with the escape sequence of UCS-2 level 3. */
function descriptor(tree: Tree, label: string, sectors: number, at: Date): Buffer {
  const bytes = Buffer.alloc(SECTOR_BYTES);
  const encoding = tree === 'primary' ? 'ascii' : 'ucs2';
  const put = (offset: number, field: Uint8Array) => bytes.set(field, offset);
  bytes[0] = tree === 'primary' ? 1 : 2;
  put(1, Buffer.from('CD001\x01', 'latin1'));
  put(8, padded('', 32, encoding));
  put(40, padded(label, 32, encoding));
  put(80, both32(sectors));
  if (tree === 'joliet') put(88, Buffer.from('%/E', 'latin1'));
  put(120, both16(1));
  put(124, both16(1));
  put(128, both16(SECTOR_BYTES));
  put(132, both32(PATH_TABLE_BYTES));
  bytes.writeUInt32LE(PATHS[tree].little, 140);
  bytes.writeUInt32BE(PATHS[tree].big, 148);
  const root = { name: Buffer.of(0), sector: ROOT[tree], sizeBytes: SECTOR_BYTES, folder: true, at, rockRidge: NONE };
  put(156, record(root));
  for (const [offset, size] of [
    [190, 128],
    [318, 128],
    [446, 128],
    [574, 128],
    [702, 37],
    [739, 37],
    [776, 37],
  ] as const)
    put(offset, padded('', size, encoding));
  put(813, volumeTime(at));
  put(830, volumeTime(at));
  put(847, volumeTime(null));
  put(864, volumeTime(at));
  bytes[881] = 1;
  return bytes;
}

/** The root folder alone (9.4). */
function pathTable(root: number, order: 'little' | 'big'): Buffer {
  const bytes = Buffer.alloc(PATH_TABLE_BYTES);
  bytes[0] = 1;
  if (order === 'little') bytes.writeUInt32LE(root, 2);
  else bytes.writeUInt32BE(root, 2);
  if (order === 'little') bytes.writeUInt16LE(1, 6);
  else bytes.writeUInt16BE(1, 6);
  return bytes;
}

/** A directory record (9.1): head, name, a byte to make it even, and what Rock Ridge adds. */
function record(of: {
  name: Buffer;
  sector: number;
  sizeBytes: number;
  folder: boolean;
  at: Date;
  rockRidge: Buffer;
}): Buffer {
  const nameEnd = RECORD_HEAD_BYTES + of.name.length + (of.name.length % 2 === 0 ? 1 : 0);
  const length = nameEnd + of.rockRidge.length + (of.rockRidge.length % 2);
  if (length > 255) throw unfit('the name of a file is too long');
  const bytes = Buffer.alloc(length);
  bytes[0] = length;
  bytes.set(both32(of.sector), 2);
  bytes.set(both32(of.sizeBytes), 10);
  bytes.set(recordTime(of.at), 18);
  bytes[25] = of.folder ? 2 : 0;
  bytes.set(both16(1), 28);
  bytes[32] = of.name.length;
  bytes.set(of.name, RECORD_HEAD_BYTES);
  bytes.set(of.rockRidge, nameEnd);
  return bytes;
}

function unfit(why: string): GuesthouseError {
  return new GuesthouseError({ code: 'invalid', message: `The medium cannot be written: ${why}.` });
}
