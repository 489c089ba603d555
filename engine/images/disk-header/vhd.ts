/** VHD (Microsoft, "Virtual Hard Disk Image Format Specification" 1.0). All big endian; the footer is the file's end. */
import { type ByteSource, checkedSize, readWhole, refused } from './header.ts';

const FOOTER_BYTES = 512;
const AT = { dataOffset: 16, currentBytes: 48, type: 60, checksum: 64 };
const TYPE = { fixed: 2, dynamic: 3, difference: 4 };
const DYNAMIC_BYTES = 1024;
const DYNAMIC_AT = { tableOffset: 16, entries: 28, blockBytes: 32 };

/** The footer at the end, or its copy at the beginning; null: this is no VHD. */
export async function findVhdFooter(source: ByteSource): Promise<Buffer | null> {
  for (const offset of [0, source.sizeBytes - FOOTER_BYTES]) {
    if (offset < 0) continue;
    const footer = await source.read(offset, FOOTER_BYTES);
    // Of a disk of fixed size everything before the footer is the guest's; its sum tells a footer from chance.
    if (footer.toString('latin1', 0, 8) === 'conectix' && (offset === 0 || isWhole(footer))) return footer;
  }
  return null;
}

/** Answers the size a guest sees (bytes). Throws `bad-data`. */
export async function parseVhd(source: ByteSource): Promise<number> {
  const footer = await findVhdFooter(source);
  if (footer === null || footer.length < FOOTER_BYTES || !isWhole(footer))
    throw refused('vpc', 'its header is damaged');
  const type = footer.readUInt32BE(AT.type);
  if (type === TYPE.difference)
    throw refused('vpc', 'it is only the difference to another file', 'Merge it first with the program that made it.');
  if (type !== TYPE.fixed && type !== TYPE.dynamic) throw refused('vpc', 'it is of a kind that is not known');
  const virtualBytes = checkedSize('vpc', footer.readBigUInt64BE(AT.currentBytes));
  if (type === TYPE.fixed) {
    if (virtualBytes + FOOTER_BYTES > source.sizeBytes) throw refused('vpc', 'it is cut off');
    return virtualBytes;
  }
  // Its footer is its end; what begins with a copy of it and ends otherwise was not copied whole.
  if ((await source.read(source.sizeBytes - FOOTER_BYTES, 8)).toString('latin1') !== 'conectix')
    throw refused('vpc', 'it is cut off');
  const header = await readWhole(source, 'vpc', Number(footer.readBigUInt64BE(AT.dataOffset)), DYNAMIC_BYTES);
  if (header.toString('latin1', 0, 8) !== 'cxsparse') throw refused('vpc', 'its header is damaged');
  const entries = header.readUInt32BE(DYNAMIC_AT.entries);
  const blockBytes = header.readUInt32BE(DYNAMIC_AT.blockBytes);
  if (blockBytes < FOOTER_BYTES || (blockBytes & (blockBytes - 1)) !== 0)
    throw refused('vpc', 'its block size is impossible');
  if (entries * blockBytes < virtualBytes) throw refused('vpc', 'its table is too short for its size');
  const table = header.readBigUInt64BE(DYNAMIC_AT.tableOffset);
  if (table + BigInt(entries) * 4n > BigInt(source.sizeBytes)) throw refused('vpc', 'it is cut off');
  return virtualBytes;
}

/** The checksum is the complement of the sum of all other bytes. */
function isWhole(footer: Buffer): boolean {
  if (footer.length < FOOTER_BYTES) return false;
  let sum = 0;
  for (let at = 0; at < FOOTER_BYTES; at++) if (at < AT.checksum || at >= AT.checksum + 4) sum += footer[at] as number;
  return ~sum >>> 0 === footer.readUInt32BE(AT.checksum);
}
