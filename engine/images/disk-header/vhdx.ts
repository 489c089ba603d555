/** VHDX (Microsoft, MS-VHDX). All little endian; GUIDs as they lie in the file. */
import { type ByteSource, checkedSize, readWhole, refused } from './header.ts';

const KIB = 1024;
const REGION_TABLE_OFFSETS = [192 * KIB, 256 * KIB];
const HEADER_OFFSETS = [64 * KIB, 128 * KIB];
const TABLE_BYTES = 64 * KIB;
const MAX_ENTRIES = 2047;
const METADATA_REGION = '06a27c8b90479a4bb8fe575f050f886e';
const FILE_PARAMETERS = '3767a1ca36fa434db3b633f0aa44e76b';
const VIRTUAL_DISK_SIZE = '2442a52f1bcd7648b2115dbed83bf4b8';
const PARENT_LOCATOR = '2d5fd3a80bb34d45abf7d3d84834ab0c';
const HAS_PARENT = 2;

/** Answers the size a guest sees (bytes). Throws `bad-data`. */
export async function parseVhdx(source: ByteSource): Promise<number> {
  await requireClosed(source);
  const region = await metadataRegion(source);
  const table = await readWhole(source, 'vhdx', region, 32);
  if (table.toString('latin1', 0, 8) !== 'metadata') throw refused('vhdx', 'its metadata are damaged');
  const count = table.readUInt16LE(10);
  if (count > MAX_ENTRIES) throw refused('vhdx', 'its metadata are damaged');
  const entries = await readWhole(source, 'vhdx', region + 32, count * 32);
  let virtualBytes: number | null = null;
  for (let index = 0; index < count; index++) {
    const entry = entries.subarray(index * 32, index * 32 + 32);
    const item = entry.toString('hex', 0, 16);
    const at = region + entry.readUInt32LE(16);
    if (item === PARENT_LOCATOR) throw difference();
    if (item === FILE_PARAMETERS && (await readWhole(source, 'vhdx', at, 8)).readUInt32LE(4) & HAS_PARENT)
      throw difference();
    if (item === VIRTUAL_DISK_SIZE)
      virtualBytes = checkedSize('vhdx', (await readWhole(source, 'vhdx', at, 8)).readBigUInt64LE());
  }
  if (virtualBytes === null) throw refused('vhdx', 'it has no size');
  return virtualBytes;
}

/** A log that waits to be played back would change the file, so nobody reads it without writing. */
async function requireClosed(source: ByteSource): Promise<void> {
  let newest: Buffer | null = null;
  for (const offset of HEADER_OFFSETS) {
    const header = await source.read(offset, 80);
    if (header.length < 80 || header.toString('latin1', 0, 4) !== 'head') continue;
    if (newest === null || header.readBigUInt64LE(8) > newest.readBigUInt64LE(8)) newest = header;
  }
  if (newest === null) throw refused('vhdx', 'its header is cut off');
  if (newest.subarray(48, 64).some((byte) => byte !== 0))
    throw refused('vhdx', 'it was not closed properly', 'Attach and detach it once in Windows or Hyper-V.');
}

async function metadataRegion(source: ByteSource): Promise<number> {
  for (const offset of REGION_TABLE_OFFSETS) {
    const table = await source.read(offset, TABLE_BYTES);
    if (table.length < TABLE_BYTES || table.toString('latin1', 0, 4) !== 'regi') continue;
    const count = Math.min(table.readUInt32LE(8), MAX_ENTRIES);
    for (let index = 0; index < count; index++) {
      const at = 16 + index * 32;
      if (table.toString('hex', at, at + 16) === METADATA_REGION) return Number(table.readBigUInt64LE(at + 16));
    }
  }
  throw refused('vhdx', 'its header is damaged');
}

function difference() {
  return refused('vhdx', 'it is only the difference to another file', 'Merge it first with the program that made it.');
}
