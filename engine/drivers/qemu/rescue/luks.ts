/**
 * LUKS headers, both versions: what they ask for and where the encrypted data lies. Layouts: "LUKS1 On-Disk Format" 1.2.3 and
 * "LUKS2 On-Disk Format Specification" of cryptsetup. They come from a disk nobody vouches for: every length is bounded. Pure.
 */
import { createHash } from 'node:crypto';

const SECTOR = 512;
const BINARY_HEADER_BYTES = 4096;
const CHECKSUM_AT = 448;
const CHECKSUM_BYTES = 64;
const MAX_HEADER_BYTES = 4 * 1024 * 1024;
/** What dm-crypt can encrypt as one (bytes). */
const SECTOR_SIZES: readonly number[] = [512, 1024, 2048, 4096];
const SLOTS_1 = 8;
const SLOT_1_ACTIVE = 0x00ac71f3;
const MAX_KEY_BYTES = 512;
const MAX_STRIPES = 16_384;
const MAX_SLOTS = 32;
const WORD = /^[a-z0-9:()_-]{1,64}$/i;

/** How a passphrase becomes a key. `memoryKib` and what follows: of Argon2. */
export type Derivation =
  | { readonly kind: 'pbkdf2'; readonly hash: string; readonly iterations: number; readonly salt: Buffer }
  | {
      readonly kind: 'argon2i' | 'argon2id';
      readonly passes: number;
      readonly memoryKib: number;
      readonly lanes: number;
      readonly salt: Buffer;
    };

/** One of the places where the volume's key lies, encrypted and spread. */
export interface KeySlot {
  readonly derivation: Derivation;
  /** On the device. */
  readonly atBytes: number;
  readonly stripes: number;
  readonly spreadHash: string;
  /** As the kernel's crypto names it: `aes-xts-plain64`. */
  readonly cipher: string;
  /** Of the key that decrypts this slot, and of the volume's key in it. */
  readonly slotKeyBytes: number;
  readonly volumeKeyBytes: number;
}

export interface Luks {
  readonly version: 1 | 2;
  readonly uuid: string;
  readonly slots: readonly KeySlot[];
  /** Tells whether a key is the volume's. */
  readonly proof: { readonly derivation: Derivation & { kind: 'pbkdf2' }; readonly digest: Buffer };
  /** The encrypted data. `sizeBytes` null: to the end of the device. */
  readonly data: {
    readonly atBytes: number;
    readonly sizeBytes: number | null;
    readonly cipher: string;
    readonly sectorBytes: number;
    /** Number of its first sector for the cipher. */
    readonly firstSector: number;
  };
}

/** How much of the device's beginning is the header (bytes); null: it is none. */
export function headerBytes(head: Buffer): number | null {
  if (head.length < BINARY_HEADER_BYTES || head.toString('latin1', 0, 6) !== 'LUKS\xba\xbe') return null;
  const version = head.readUInt16BE(6);
  if (version === 1) return BINARY_HEADER_BYTES;
  const bytes = Number(head.readBigUInt64BE(8));
  return version === 2 && bytes > BINARY_HEADER_BYTES && bytes <= MAX_HEADER_BYTES && bytes % SECTOR === 0
    ? bytes
    : null;
}

/** Why a header opens nothing where it lies; null: it does. With `cryptsetup --header` its data begin at 0 of another device. */
export function whyDetached({ data }: Luks): string | null {
  return data.atBytes === 0
    ? 'It is the header of encrypted data (LUKS) on another device, a detached one: these are not put together here.'
    : null;
}

/** A sentence instead of a header: why it cannot be used. */
export function parseLuks(header: Buffer): Luks | string {
  return header.readUInt16BE(6) === 1 ? parseFirst(header) : parseSecond(header);
}

function parseFirst(header: Buffer): Luks | string {
  const word = (at: number, bytes: number) => header.toString('latin1', at, at + bytes).replace(/\0.*$/s, '');
  const cipher = `${word(8, 32)}-${word(40, 32)}`;
  const hash = word(72, 32);
  const keyBytes = header.readUInt32BE(108);
  if (!WORD.test(cipher) || !WORD.test(hash) || keyBytes < 1 || keyBytes > MAX_KEY_BYTES)
    return 'Its header is damaged.';
  const pbkdf2 = (iterationsAt: number, saltAt: number) => ({
    kind: 'pbkdf2' as const,
    hash,
    iterations: header.readUInt32BE(iterationsAt),
    salt: header.subarray(saltAt, saltAt + 32),
  });
  const slots: KeySlot[] = [];
  for (let number = 0; number < SLOTS_1; number++) {
    const at = 208 + number * 48;
    const stripes = header.readUInt32BE(at + 44);
    if (header.readUInt32BE(at) !== SLOT_1_ACTIVE || stripes < 1 || stripes > MAX_STRIPES) continue;
    slots.push({
      derivation: pbkdf2(at + 4, at + 8),
      atBytes: header.readUInt32BE(at + 40) * SECTOR,
      stripes,
      spreadHash: hash,
      cipher,
      slotKeyBytes: keyBytes,
      volumeKeyBytes: keyBytes,
    });
  }
  return {
    version: 1,
    uuid: word(168, 40),
    slots,
    proof: { derivation: pbkdf2(164, 132), digest: header.subarray(112, 132) },
    data: {
      atBytes: header.readUInt32BE(104) * SECTOR,
      sizeBytes: null,
      cipher,
      sectorBytes: SECTOR,
      firstSector: 0,
    },
  };
}

type Json = { readonly [key: string]: unknown };

const object = (found: unknown): Json =>
  typeof found === 'object' && found !== null && !Array.isArray(found) ? (found as Json) : {};
const word = (found: unknown): string => (typeof found === 'string' && WORD.test(found) ? found : '');
/** Numbers of 64 bits are written as text. NaN: none, or beyond `most`. */
const whole = (found: unknown, most = Number.MAX_SAFE_INTEGER): number => {
  const value = typeof found === 'string' && /^\d{1,16}$/.test(found) ? Number(found) : found;
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= most
    ? (value as number)
    : Number.NaN;
};
const bytesOf = (found: unknown): Buffer =>
  Buffer.from(typeof found === 'string' ? found.slice(0, 1024) : '', 'base64');

function parseSecond(header: Buffer): Luks | string {
  const sum = header.toString('latin1', 72, 104).replace(/\0.*$/s, '');
  if (!isWhole(header, sum)) return 'Its header is damaged.';
  let all: Json;
  try {
    all = object(JSON.parse(header.toString('utf8', BINARY_HEADER_BYTES).replace(/\0.*$/s, '')));
  } catch {
    return 'Its header is damaged.';
  }
  const needs = object(object(all.config).requirements).mandatory;
  if (Array.isArray(needs) && needs.length > 0) return 'It is being encrypted anew, or has further demands.';
  const segments = Object.entries(object(all.segments));
  const [key, segment] = segments[0] ?? ['', {}];
  const { type, integrity, encryption, offset, size, iv_tweak: tweak, sector_size: sector } = object(segment);
  if (segments.length !== 1 || type !== 'crypt' || integrity !== undefined)
    return 'Its data lie in another way than most.';
  const data = {
    atBytes: whole(offset),
    sizeBytes: size === 'dynamic' ? null : whole(size),
    cipher: word(encryption),
    sectorBytes: whole(sector ?? SECTOR),
    firstSector: whole(tweak ?? 0),
  };
  const digest = Object.values(object(all.digests))
    .map(object)
    .find((one) => Array.isArray(one.segments) && one.segments.includes(key));
  const proof = digest && derivationOf({ ...digest, type: digest.type ?? 'pbkdf2' });
  if (Object.values(data).some(Number.isNaN) || data.cipher === '' || proof?.kind !== 'pbkdf2')
    return 'Its header is damaged.';
  if (!SECTOR_SIZES.includes(data.sectorBytes) || data.atBytes % SECTOR !== 0) return 'Its header is damaged.';
  const named = Array.isArray(digest?.keyslots) ? digest.keyslots : [];
  const slots = Object.entries(object(all.keyslots))
    .filter(([number]) => named.includes(number))
    .slice(0, MAX_SLOTS)
    .flatMap(([, one]) => slotOf(object(one)) ?? []);
  const uuid = header.toString('latin1', 168, 208).replace(/\0.*$/s, '');
  return { version: 2, uuid, slots, proof: { derivation: proof, digest: bytesOf(digest?.digest) }, data };
}

function slotOf({ type, key_size, af, area, kdf }: Json): KeySlot | null {
  const [spread, place, derivation] = [object(af), object(area), derivationOf(object(kdf))];
  if (type !== 'luks2' || spread.type !== 'luks1' || place.type !== 'raw' || derivation === null) return null;
  const slot = {
    derivation,
    atBytes: whole(place.offset),
    stripes: whole(spread.stripes, MAX_STRIPES),
    spreadHash: word(spread.hash),
    cipher: word(place.encryption),
    slotKeyBytes: whole(place.key_size, MAX_KEY_BYTES),
    volumeKeyBytes: whole(key_size, MAX_KEY_BYTES),
  };
  return Object.values(slot).some(Number.isNaN) || slot.stripes < 1 || slot.volumeKeyBytes < 1 ? null : slot;
}

function derivationOf({ type, hash, iterations, salt, time, memory, cpus }: Json): Derivation | null {
  const found =
    type === 'pbkdf2'
      ? { kind: type, hash: word(hash), iterations: whole(iterations), salt: bytesOf(salt) }
      : type === 'argon2i' || type === 'argon2id'
        ? { kind: type, passes: whole(time), memoryKib: whole(memory), lanes: whole(cpus), salt: bytesOf(salt) }
        : null;
  return found === null || Object.values(found).some(Number.isNaN) ? null : (found as Derivation);
}

function isWhole(header: Buffer, hash: string): boolean {
  try {
    const without = Buffer.from(header);
    without.fill(0, CHECKSUM_AT, CHECKSUM_AT + CHECKSUM_BYTES);
    const sum = createHash(hash).update(without).digest();
    return header.subarray(CHECKSUM_AT, CHECKSUM_AT + sum.length).equals(sum);
  } catch {
    return false;
  }
}
