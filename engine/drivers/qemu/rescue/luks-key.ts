/**
 * From a passphrase to the key of a LUKS volume, with Node's own cryptography: on the host, since the emulated machine would
 * need minutes for what is meant to take a second, and more memory than it has.
 */
import * as crypto from 'node:crypto';
import { freemem } from 'node:os';
import { GuesthouseError } from '../../../contract/errors.ts';
import { deriveApart } from './derive/derive.ts';
import type { Derivation, KeySlot, Luks } from './luks.ts';

const SECTOR = 512;
/** Cryptsetup asks for two seconds' worth; far beyond that somebody wants to keep us busy. */
const MAX_ITERATIONS = 100_000_000;
const MAX_MEMORY_KIB = 4 * 1024 * 1024;
/** Passes times memory. */
const MAX_WORK_KIB = 256 * 1024 * 1024;
const MAX_LANES = 64;

/** `read`: bytes of the device. `signal`: ends it at once. Throws `denied` when the passphrase is another, `unsupported` for what we cannot do. */
export async function volumeKey(
  luks: Luks,
  device: string,
  passphrase: string,
  read: (atBytes: number, bytes: number) => Promise<Buffer>,
  signal: AbortSignal,
): Promise<Buffer> {
  const cannot: string[] = [];
  for (const slot of luks.slots) {
    signal.throwIfAborted();
    try {
      const slotKey = await derived(slot.derivation, passphrase, slot.slotKeyBytes, signal);
      const bytes = slot.volumeKeyBytes * slot.stripes;
      const area = await read(slot.atBytes, Math.ceil(bytes / SECTOR) * SECTOR);
      const key = gathered(decrypted(slot.cipher, slotKey, area).subarray(0, bytes), slot);
      const proof = await derived(luks.proof.derivation, key, luks.proof.digest.length, signal);
      if (proof.length > 0 && crypto.timingSafeEqual(proof, luks.proof.digest)) return key;
    } catch (error) {
      if (!(error instanceof GuesthouseError) || error.code !== 'unsupported') throw error;
      cannot.push(error.message);
    }
  }
  if (cannot.length > 0) {
    throw new GuesthouseError({
      code: 'unsupported',
      message: `The key of ${device} cannot be had here.`,
      subject: device,
      cause: [...new Set(cannot)].join(' '),
    });
  }
  throw new GuesthouseError({
    code: 'denied',
    message:
      luks.slots.length === 0 ? `${device} has no key that a passphrase opens.` : `This does not open ${device}.`,
    subject: device,
    hint: 'Type its passphrase once more; the keyboard it was chosen with may have been another.',
  });
}

/** `argon2`: null in a Node of before 24.7, or one built without it. Throws `unsupported`, `resources`. */
export async function derived(
  how: Derivation,
  secret: string | Buffer,
  bytes: number,
  signal: AbortSignal,
  argon2: typeof crypto.argon2 | null = crypto.argon2 ?? null,
): Promise<Buffer> {
  if (how.kind === 'pbkdf2') {
    if (how.iterations < 1 || how.iterations > MAX_ITERATIONS) throw unsupported('Its key takes too long to derive.');
    if (!crypto.getHashes().includes(how.hash)) throw unsupported(`Its hash ${how.hash} is not known.`);
    return deriveApart(how, secret, bytes, signal);
  }
  const { passes, memoryKib, lanes } = how;
  if (memoryKib > MAX_MEMORY_KIB || passes * memoryKib > MAX_WORK_KIB || lanes > MAX_LANES)
    throw unsupported('Its key takes too long to derive.');
  if (argon2 === null) throw unsupported('This program has no Argon2; run by Node 24 it has.');
  if (memoryKib * 1024 > freemem()) {
    throw new GuesthouseError({
      code: 'resources',
      message: `Its key takes ${Math.ceil(memoryKib / 1024)} MiB of memory to derive, which are not free.`,
      subject: 'memory',
      hint: 'Stop a guest or two, and try again.',
    });
  }
  return deriveApart(how, secret, bytes, signal);
}

/** The key that was spread over many stripes, so that it could be wiped (LUKS1's AFmerge). Pure. */
export function gathered(spread: Buffer, { volumeKeyBytes, stripes, spreadHash }: KeySlot): Buffer {
  if (!crypto.getHashes().includes(spreadHash)) throw unsupported(`Its hash ${spreadHash} is not known.`);
  let mixed: Buffer = Buffer.alloc(volumeKeyBytes);
  for (let stripe = 0; stripe < stripes; stripe++) {
    for (let at = 0; at < volumeKeyBytes; at++)
      mixed[at] = (mixed[at] as number) ^ (spread[stripe * volumeKeyBytes + at] as number);
    if (stripe < stripes - 1) mixed = diffused(mixed, spreadHash);
  }
  return mixed;
}

/** Each piece as long as a digest becomes that of its number and itself. Pure. */
export function diffused(bytes: Buffer, hash: string): Buffer {
  const parts: Buffer[] = [];
  const size = crypto.createHash(hash).digest().length;
  for (let at = 0; at < bytes.length; at += size) {
    const piece = bytes.subarray(at, at + size);
    const number = Buffer.alloc(4);
    number.writeUInt32BE(at / size);
    parts.push(crypto.createHash(hash).update(number).update(piece).digest().subarray(0, piece.length));
  }
  return Buffer.concat(parts);
}

/** Sectors from number 0 on, as dm-crypt does it. Throws `unsupported`. Pure. */
function decrypted(cipher: string, key: Buffer, bytes: Buffer): Buffer {
  const [name, mode, ...iv] = cipher.split('-');
  const ivOf = iv.join('-');
  const bits = (mode === 'xts' ? key.length / 2 : key.length) * 8;
  const algorithm = `aes-${bits}-${mode}`;
  const isKnown = name === 'aes' && (mode === 'xts' || mode === 'cbc') && crypto.getCiphers().includes(algorithm);
  if (!isKnown || !/^(?:plain|plain64|essiv:sha256)$/.test(ivOf))
    throw unsupported(`Its cipher ${cipher} is not known.`);
  const salted = crypto.createHash('sha256').update(key).digest();
  const vector = (sector: number) => {
    const plain = Buffer.alloc(16);
    plain.writeUInt32LE(sector);
    if (ivOf !== 'essiv:sha256') return plain;
    return crypto.createCipheriv('aes-256-ecb', salted, null).setAutoPadding(false).update(plain);
  };
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += SECTOR) {
    const one = crypto.createDecipheriv(algorithm, key, vector(at / SECTOR)).setAutoPadding(false);
    parts.push(one.update(bytes.subarray(at, at + SECTOR)), one.final());
  }
  return Buffer.concat(parts);
}

const unsupported = (message: string) => new GuesthouseError({ code: 'unsupported', message });
