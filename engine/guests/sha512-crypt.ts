/** crypt(5)'s `$6$`: SHA-512 by Ulrich Drepper's specification (SHA-crypt.txt, 2007), as every Linux checks it. */
import { createHash, randomBytes } from 'node:crypto';

const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const SALT_CHARACTERS = 16;
/** The specification's default, and the only number every system can be relied on to take. */
const ROUNDS = 5000;
const HASH_BYTES = 64;

export function sha512Crypt(password: string, salt: string = newSalt()): string {
  const key = Buffer.from(password, 'utf8');
  const saltBytes = Buffer.from(salt, 'latin1').subarray(0, SALT_CHARACTERS);
  const digest = rounds(firstDigest(key, saltBytes), repeated(keyDigest(key), key.length), saltBytes, key.length);
  return `$6$${saltBytes.toString('latin1')}$${encoded(digest)}`;
}

function newSalt(): string {
  return Array.from(randomBytes(SALT_CHARACTERS), (byte) => ALPHABET[byte & 63]).join('');
}

const sha512 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha512');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** Steps 1 to 12. */
function firstDigest(key: Buffer, salt: Buffer): Buffer {
  const other = sha512(key, salt, key);
  const parts: Buffer[] = [key, salt, repeated(other, key.length)];
  for (let bits = key.length; bits > 0; bits >>>= 1) parts.push(bits & 1 ? other : key);
  return sha512(...parts);
}

/** Steps 13 to 15: the password once for each of its bytes. */
function keyDigest(key: Buffer): Buffer {
  return sha512(...Array.from({ length: key.length }, () => key));
}

/** Steps 17 to 21. */
function rounds(first: Buffer, keyPart: Buffer, salt: Buffer, keyLength: number): Buffer {
  const saltDigest = sha512(...Array.from({ length: 16 + (first[0] as number) }, () => salt));
  const saltPart = repeated(saltDigest, salt.length);
  let digest = first;
  for (let round = 0; round < ROUNDS; round++) {
    const isOdd = round % 2 === 1;
    const parts = [isOdd ? keyPart : digest];
    if (round % 3 !== 0) parts.push(saltPart);
    if (round % 7 !== 0) parts.push(keyPart);
    parts.push(isOdd ? digest : keyPart);
    digest = sha512(...parts);
  }
  if (keyPart.length !== keyLength) throw new RangeError('The key part is as long as the key.');
  return digest;
}

function repeated(digest: Buffer, length: number): Buffer {
  return Buffer.alloc(length, digest);
}

/** Step 22: three bytes at a time, 21 apart, each group rotated once against the one before; six bits a character. */
function encoded(digest: Buffer): string {
  let text = '';
  const put = (value: number, characters: number) => {
    for (let left = value, count = 0; count < characters; count++, left >>>= 6) text += ALPHABET[left & 63];
  };
  for (let group = 0; group < 21; group++) {
    const [high, middle, low] = [0, 1, 2].map((third) => digest[((third + group) % 3) * 21 + group] as number) as [
      number,
      number,
      number,
    ];
    put((high << 16) | (middle << 8) | low, 4);
  }
  put(digest[HASH_BYTES - 1] as number, 2);
  return text;
}
