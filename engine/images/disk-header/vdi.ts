/** The header of a VDI file (VirtualBox, VDICore.h; the fields by QEMU's block/vdi.c). All little endian. */
import { checkedSize, refused } from './header.ts';

export const VDI_HEAD_BYTES = 512;
const SIGNATURE = 0xbeda107f;
const VERSION = 0x00010001;
/** Dynamic, static. Undo (3) and difference (4) need another file. */
const WHOLE_TYPES = [1, 2];
const AT = {
  signature: 64,
  version: 68,
  type: 76,
  mapOffset: 340,
  dataOffset: 344,
  sectorBytes: 360,
  diskBytes: 368,
  blockBytes: 376,
  blocks: 384,
  allocated: 388,
  link: 424,
  parent: 440,
};

/** Answers the size a guest sees (bytes). Throws `bad-data`. */
export function parseVdi(head: Buffer, sizeBytes: number): number {
  if (head.length < VDI_HEAD_BYTES || head.readUInt32LE(AT.signature) !== SIGNATURE)
    throw refused('vdi', 'its header is cut off');
  const version = head.readUInt32LE(AT.version);
  if (version !== VERSION) throw refused('vdi', `it has version ${version >>> 16}.${version & 0xffff} of the format`);
  const isSet = (at: number) => head.subarray(at, at + 16).some((byte) => byte !== 0);
  if (!WHOLE_TYPES.includes(head.readUInt32LE(AT.type)) || isSet(AT.link) || isSet(AT.parent)) {
    throw refused(
      'vdi',
      'it is only the difference to another file (a snapshot)',
      'Make it whole first: `VBoxManage clonemedium FILE whole.vdi`.',
    );
  }
  const virtualBytes = checkedSize('vdi', head.readBigUInt64LE(AT.diskBytes));
  const blockBytes = head.readUInt32LE(AT.blockBytes);
  if (head.readUInt32LE(AT.sectorBytes) !== 512 || blockBytes < 4096 || (blockBytes & (blockBytes - 1)) !== 0)
    throw refused('vdi', 'its block size is impossible');
  const blocks = head.readUInt32LE(AT.blocks);
  if (blocks < Math.ceil(virtualBytes / blockBytes)) throw refused('vdi', 'its table is too short for its size');
  if (head.readUInt32LE(AT.mapOffset) + blocks * 4 > sizeBytes || head.readUInt32LE(AT.dataOffset) > sizeBytes)
    throw refused('vdi', 'it is cut off');
  // The last block may be short; where others are missing QEMU would read zeros.
  const dataEnd = head.readUInt32LE(AT.dataOffset) + (head.readUInt32LE(AT.allocated) - 1) * blockBytes;
  if (dataEnd > sizeBytes) throw refused('vdi', 'it is cut off');
  return virtualBytes;
}
