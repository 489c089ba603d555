/** Numbers and texts as ISO 9660 (ECMA-119) writes them. */

/** Everything begins at a multiple of this (bytes). */
export const SECTOR_BYTES = 2048;
/** Volume descriptors begin here; before them is room for boot code. */
export const FIRST_DESCRIPTOR = 16;
/** Of a directory record before its name (bytes). */
export const RECORD_HEAD_BYTES = 33;

/** 32 bits, little-endian and then big-endian (7.3.3). */
export function both32(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(value, 0);
  bytes.writeUInt32BE(value, 4);
  return bytes;
}

/** 16 bits in both orders (7.2.3). */
export function both16(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16LE(value, 0);
  bytes.writeUInt16BE(value, 2);
  return bytes;
}

/** Filled up with spaces, which Joliet writes with 16 bits too. */
export function padded(text: string, sizeBytes: number, encoding: 'ascii' | 'ucs2'): Buffer {
  if (encoding === 'ascii') return Buffer.from(text.padEnd(sizeBytes).slice(0, sizeBytes), 'latin1');
  return ucs2(text.padEnd(Math.floor(sizeBytes / 2)).slice(0, Math.floor(sizeBytes / 2)));
}

/** Big-endian, as Joliet has names. */
export function ucs2(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

/** Of a volume descriptor: 17 characters (8.4.26.1); null: not given. */
export function volumeTime(at: Date | null): Buffer {
  const digits = at === null ? '0'.repeat(16) : `${at.toISOString().replace(/\D/g, '').slice(0, 14)}00`;
  return Buffer.concat([Buffer.from(digits, 'latin1'), Buffer.of(0)]);
}

/** Of a directory record: 7 bytes (9.1.5). */
export function recordTime(at: Date): Buffer {
  return Buffer.of(
    at.getUTCFullYear() - 1900,
    at.getUTCMonth() + 1,
    at.getUTCDate(),
    at.getUTCHours(),
    at.getUTCMinutes(),
    at.getUTCSeconds(),
    0,
  );
}

export const sectorsOf = (sizeBytes: number): number => Math.ceil(sizeBytes / SECTOR_BYTES);
