/**
 * Takes the uncompressed kernel (an ELF file) out of a bzImage. QEMU starts it through its PVH entry, which spares the
 * guest decompressing itself: half a second under software emulation.
 * Layout: Documentation/arch/x86/boot.rst (`setup_sects`, `payload_offset`, `payload_length`).
 */
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { GuesthouseError } from '../../contract/errors.ts';
import { decodeLz4Legacy, LZ4_LEGACY_MAGIC } from './lz4.ts';

const SETUP_SECTS = 0x1f1;
const HEADER_MAGIC = 0x202;
const VERSION = 0x206;
const PAYLOAD_OFFSET = 0x248;
const PAYLOAD_LENGTH = 0x24c;

/** The ELF's bytes; null when it is packed in a way not known here (then the bzImage itself is booted). */
export function extractVmlinux(bzImage: Buffer): Uint8Array | null {
  if (bzImage.length < 0x260 || bzImage.toString('latin1', HEADER_MAGIC, HEADER_MAGIC + 4) !== 'HdrS') {
    throw new GuesthouseError({ code: 'bad-data', message: 'The kernel file is not a Linux bzImage.' });
  }
  if (bzImage.readUInt16LE(VERSION) < 0x0208) return null;
  const setupSectors = bzImage[SETUP_SECTS] || 4;
  const start = (setupSectors + 1) * 512 + bzImage.readUInt32LE(PAYLOAD_OFFSET);
  const payload = bzImage.subarray(start, start + bzImage.readUInt32LE(PAYLOAD_LENGTH));
  if (payload.length < 16) throw new GuesthouseError({ code: 'bad-data', message: 'The kernel file is cut off.' });
  // The build appends the decoded length to whatever the compressor wrote.
  const size = payload.readUInt32LE(payload.length - 4);
  const packed = payload.subarray(0, payload.length - 4);
  const elf = unpack(packed, size);
  if (elf !== null && Buffer.from(elf.subarray(0, 4)).toString('latin1') !== '\x7fELF') {
    throw new GuesthouseError({ code: 'bad-data', message: 'The kernel file holds no ELF kernel.' });
  }
  return elf;
}

function unpack(packed: Buffer, size: number): Uint8Array | null {
  const magic = packed.readUInt32LE(0);
  if (magic === LZ4_LEGACY_MAGIC) return decodeLz4Legacy(packed, size);
  if (magic === 0xfd2fb528) return zstdDecompressSync(packed, { maxOutputLength: size });
  // gzip carries its own length as those last four bytes, so they belong to it.
  if ((magic & 0xffff) === 0x8b1f)
    return gunzipSync(Buffer.concat([packed, sizeBytes(size)]), { maxOutputLength: size });
  return null;
}

function sizeBytes(size: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(size);
  return bytes;
}
