/**
 * One folder of an overlay (a layer of the store, or what a container wrote) as an OCI layer: the same tree gives the
 * same bytes. What overlayfs marks with devices and attributes becomes `.wh.` files (OCI image specification,
 * layer.md). GNU tar reads the tree inside the house by folder descriptors: a tree that changes leads it nowhere else.
 */
import { GuesthouseError } from '../../contract/errors.ts';
import { pipeFrom } from '../../host/pipe.ts';
import { createChannel } from './channel.ts';
import { END_MARK, extended, tarHeader } from './tar-header.ts';
import { BLOCK_BYTES, readTar, type TarEntry } from './tar-reader.ts';

export interface OverlayFolder {
  /** Words that lead into the house. */
  readonly prefix: readonly string[];
  readonly folder: string;
  /** `trusted`, or `user` where the overlay is mounted in a user namespace. */
  readonly namespace: 'trusted' | 'user';
  readonly signal?: AbortSignal | undefined;
}

const PACK_TIMEOUT_MS = 60 * 60_000;
/** Attributes that say something about this host only. */
const NOT_OURS = ['security.selinux', 'security.ima', 'security.evm'];
/** Records of overlayfs itself, and what only an administrator of this host may see. */
const MARK = /^\d+ SCHILY\.xattr\.(?:trusted\.|user\.overlay\.)/;

/** A character device 0:0 hides what lower layers have there (Linux, filesystems/overlayfs.rst). */
export function isWhiteout({ type, major, minor }: Pick<TarEntry, 'type' | 'major' | 'minor'>): boolean {
  return type === 'character' && major === 0 && minor === 0;
}

/** Nothing that lower layers have in this folder is seen. */
export function isOpaque({ type, pax }: Pick<TarEntry, 'type' | 'pax'>, namespace: 'trusted' | 'user'): boolean {
  return type === 'folder' && pax.get(`SCHILY.xattr.${namespace}.overlay.opaque`) === 'y';
}

/** The layer as a plain tar. Throws `bad-data` for what an image cannot hold. */
export async function* overlayTar(source: OverlayFolder): AsyncGenerator<Buffer> {
  const { prefix, namespace, signal } = source;
  // Exit code 1: a file changed while it was read, which only a guest that was not held can do.
  const packed = pipeFrom([...prefix, ...tarArgv(source)], { signal, timeoutMs: PACK_TIMEOUT_MS, okCodes: [0, 1] });
  yield* converted(packed, namespace);
}

/** Pure: what tar says of an overlay's folder -> what an image says. */
export async function* converted(
  packed: AsyncIterable<Uint8Array>,
  namespace: 'trusted' | 'user',
): AsyncGenerator<Buffer> {
  const channel = createChannel();
  const reading = readTar(packed, {
    async entry(entry) {
      const name = entry.name.replace(/\/$/, '');
      const at = name.lastIndexOf('/') + 1;
      const base = name.slice(at);
      if (isWhiteout(entry)) {
        await channel.put(tarHeader({ name: `${name.slice(0, at)}.wh.${base}` }));
        return false;
      }
      if (base.startsWith('.wh.')) throw impossibleName(entry.name);
      await channel.put(withoutMarks(entry.header));
      if (isOpaque(entry, namespace)) await channel.put(tarHeader({ name: `${name}/.wh..wh..opq` }));
      return entry.sizeBytes > 0;
    },
    content: (bytes) => channel.put(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)),
  });
  reading.then(
    () => channel.end(null),
    (error) => channel.end(error),
  );
  try {
    yield* channel.taken();
    yield END_MARK;
  } finally {
    channel.close();
    await reading.catch(() => {});
  }
}

/** Takes overlayfs' own attributes out of an entry's extended header. */
export function withoutMarks(header: Uint8Array): Buffer {
  const bytes = Buffer.from(header.buffer, header.byteOffset, header.length);
  if (bytes[156] !== 0x78) return bytes; // `x`
  const size = Number.parseInt(bytes.toString('latin1', 124, 135), 8);
  const body = bytes.subarray(BLOCK_BYTES, BLOCK_BYTES + size);
  const kept: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const length = Number.parseInt(body.toString('latin1', at, body.indexOf(0x20, at)), 10);
    const record = body.subarray(at, at + length);
    if (!MARK.test(record.toString('latin1', 0, 80))) kept.push(record);
    at += length;
  }
  if (kept.reduce((sum, { length }) => sum + length, 0) === size) return bytes;
  return Buffer.concat([extended(kept), bytes.subarray(BLOCK_BYTES * (1 + Math.ceil(size / BLOCK_BYTES)))]);
}

function tarArgv({ folder }: OverlayFolder): readonly string[] {
  return [
    'tar',
    '--create',
    '--file=-',
    '--blocking-factor=256',
    `--directory=${folder}`,
    '--one-file-system',
    '--sort=name',
    '--numeric-owner',
    '--format=posix',
    // What differs from one look to the next: times of access, and tar's own process number.
    '--pax-option=delete=atime,delete=ctime,exthdr.name=%d/PaxHeaders/%f',
    '--xattrs',
    '--xattrs-include=*',
    ...NOT_OURS.map((pattern) => `--xattrs-exclude=${pattern}`),
    '--warning=no-file-changed',
    '--warning=no-file-ignored',
    '--',
    '.',
  ];
}

function impossibleName(name: string): GuesthouseError {
  return new GuesthouseError({
    code: 'bad-data',
    message: `${JSON.stringify(name.slice(0, 120))} cannot be part of an image: names that begin with ".wh." mean that something was removed.`,
    subject: name.slice(0, 120),
    hint: 'Rename or remove it in the guest.',
  });
}
