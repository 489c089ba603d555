/**
 * OpenPGP keys this host has, by fingerprint: gpgv is given those of one vendor and no others, so that whatever it calls
 * valid was signed by whom the catalogue names. Packets as in RFC 4880 (4.2, 12.2); only version 4.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Where distributions put the keys of themselves and others. `<home>/keys` comes first: a person's own. */
const FOLDERS = [
  '/usr/share/keyrings',
  '/etc/apt/trusted.gpg.d',
  '/usr/share/pacman/keyrings',
  '/etc/pki/rpm-gpg',
  '/usr/share/distribution-gpg-keys/fedora',
  '/usr/share/distribution-gpg-keys/opensuse',
  '/usr/share/distribution-gpg-keys/alpine',
];
/** debian-keyring has 30 MB. */
const MAX_FILE_BYTES = 48 * 1024 ** 2;
const PUBLIC_KEY = 6;

/** The keys with these fingerprints, as one keyring for gpgv. Empty when there are none. */
export async function findKeys(home: string, fingerprints: readonly string[]): Promise<Buffer> {
  const found = new Map<string, Buffer>();
  for (const folder of [join(home, 'keys'), ...FOLDERS]) {
    const names = await readdir(folder).catch(() => []);
    for (const name of names.sort()) {
      if (found.size === fingerprints.length) return Buffer.concat([...found.values()]);
      const path = join(folder, name);
      const info = await stat(path).catch(() => null);
      if (!info?.isFile() || info.size > MAX_FILE_BYTES) continue;
      const bytes = await readFile(path).catch(() => Buffer.alloc(0));
      for (const { fingerprint, key } of keysOf(dearmored(bytes)))
        if (fingerprints.includes(fingerprint) && !found.has(fingerprint)) found.set(fingerprint, key);
    }
  }
  return Buffer.concat([...found.values()]);
}

/** Text between the lines of an armour (RFC 4880, 6.2) as bytes; anything else as it is. */
export function dearmored(bytes: Buffer): Buffer {
  if (!bytes.subarray(0, 4096).includes('-----BEGIN PGP PUBLIC KEY BLOCK-----')) return bytes;
  const blocks = bytes
    .toString('latin1')
    .matchAll(/-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n([\s\S]*?)-----END PGP PUBLIC KEY BLOCK-----/g);
  return Buffer.concat(
    [...blocks].map(([, block = '']) => {
      const body = block.slice(block.search(/\r?\n\r?\n/) + 1);
      return Buffer.from(body.replace(/^=.{4}\s*$/m, ''), 'base64');
    }),
  );
}

interface Key {
  readonly fingerprint: string;
  /** The key with what belongs to it. */
  readonly key: Buffer;
}

/** Stops at what is no packet. */
export function keysOf(bytes: Buffer): Key[] {
  const starts: { at: number; fingerprint: string }[] = [];
  let at = 0;
  while (at < bytes.length) {
    const packet = packetAt(bytes, at);
    if (!packet) break;
    if (packet.tag === PUBLIC_KEY) starts.push({ at, fingerprint: fingerprintOf(packet.body) });
    at = packet.end;
  }
  return starts.map((one, i) => ({
    fingerprint: one.fingerprint,
    key: bytes.subarray(one.at, starts[i + 1]?.at ?? at),
  }));
}

function packetAt(bytes: Buffer, at: number): { tag: number; body: Buffer; end: number } | null {
  const head = bytes[at] as number;
  if ((head & 0x80) === 0 || at + 6 > bytes.length) return null;
  let tag: number;
  let from: number;
  let length: number;
  if (head & 0x40) {
    tag = head & 0x3f;
    const first = bytes[at + 1] as number;
    if (first < 192) [from, length] = [at + 2, first];
    else if (first < 224) [from, length] = [at + 3, ((first - 192) << 8) + (bytes[at + 2] as number) + 192];
    else if (first === 255) [from, length] = [at + 6, bytes.readUInt32BE(at + 2)];
    else return null; // of unknown length: no key is
  } else {
    tag = (head >> 2) & 0x0f;
    const kind = head & 3;
    if (kind === 0) [from, length] = [at + 2, bytes[at + 1] as number];
    else if (kind === 1) [from, length] = [at + 3, bytes.readUInt16BE(at + 1)];
    else if (kind === 2) [from, length] = [at + 5, bytes.readUInt32BE(at + 1)];
    else return null;
  }
  const end = from + length;
  return end > bytes.length ? null : { tag, body: bytes.subarray(from, end), end };
}

function fingerprintOf(body: Buffer): string {
  if (body[0] !== 4) return '';
  const head = Buffer.from([0x99, body.length >> 8, body.length & 0xff]);
  return createHash('sha1').update(head).update(body).digest('hex').toUpperCase();
}
