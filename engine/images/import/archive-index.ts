/** An archive's members by name, read in place: a file of a hundred gigabytes costs a look at its headers. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { GuesthouseError } from '../../contract/errors.ts';
import { LeapingFile } from '../archive/leaping-file.ts';
import { padded, readTar, type TarEntry } from '../archive/tar-reader.ts';
import { wrongDigest } from '../digests.ts';

interface Member {
  readonly offset: number;
  readonly sizeBytes: number;
}

/** Names in an archive of images: a handful per layer. */
const MAX_MEMBERS = 20_000;
/** Manifests, indexes and configurations (bytes); registries accept 4 MiB. */
const MAX_JSON_BYTES = 8 * 1024 * 1024;

export interface ArchiveIndex {
  has(name: string): boolean;
  sizeOf(name: string): number | null;
  /** A small member whole. Throws `bad-data` when missing or too large. */
  read(name: string): Promise<Buffer>;
  /** A member as a stream; with `digest` (64 hex) and `size` the reader fails at the end unless they hold. */
  stream(name: string, expected?: { digest: string; sizeBytes?: number }): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/** `leap`: content between headers is not read, which is right for who wants a member or two. */
export async function openArchive(path: string, signal: AbortSignal, leap = false): Promise<ArchiveIndex> {
  const members = new Map<string, Member>();
  const links = new Map<string, string>();
  const file = await open(path, 'r');
  const leaping = leap ? new LeapingFile(path, signal) : null;
  try {
    await readTar(leaping ?? wholeFile(path, signal), {
      entry(entry: TarEntry) {
        leaping?.leapTo(entry.offset + padded(entry.sizeBytes));
        if (members.size + links.size >= MAX_MEMBERS) throw notImage('it has too many members');
        const name = entry.name.replace(/^(\.\/)+/, '');
        if (entry.type === 'file') {
          // The first wins nowhere and the last wins somewhere: two readers would see two images.
          if (members.has(name)) throw notImage('it holds two members of one name');
          members.set(name, { offset: entry.offset, sizeBytes: entry.sizeBytes });
        } else if (entry.type === 'symlink' || entry.type === 'link') links.set(name, entry.linkName);
        return false;
      },
      content() {},
    });
  } catch (error) {
    await file.close();
    throw error;
  }

  /** Older `docker save` links equal layers to one another: `../<id>/layer.tar`. */
  const resolve = (name: string): Member | null => {
    const direct = members.get(name);
    const target = links.get(name);
    if (direct || target === undefined) return direct ?? null;
    const parts = target.startsWith('../') ? [target.slice(3)] : [target];
    return members.get(parts.join('/')) ?? null;
  };
  const find = (name: string): Member => {
    const member = resolve(name);
    if (!member) throw notImage(`${JSON.stringify(name.slice(0, 120))} is missing in it`);
    return member;
  };

  return {
    has: (name) => resolve(name) !== null,
    sizeOf: (name) => resolve(name)?.sizeBytes ?? null,
    async read(name) {
      const { offset, sizeBytes } = find(name);
      if (sizeBytes > MAX_JSON_BYTES) throw notImage(`${name} is too large`);
      const buffer = Buffer.alloc(sizeBytes);
      await file.read(buffer, 0, sizeBytes, offset);
      return buffer;
    },
    async *stream(name, expected) {
      const { offset, sizeBytes } = find(name);
      if (expected?.sizeBytes !== undefined && expected.sizeBytes !== sizeBytes)
        throw notImage(`${name.slice(0, 120)} has another size than said`);
      if (sizeBytes === 0) return;
      const hash = createHash('sha256');
      for await (const chunk of createReadStream(path, {
        start: offset,
        end: offset + sizeBytes - 1,
        highWaterMark: 256 * 1024,
      })) {
        hash.update(chunk as Buffer);
        yield chunk as Buffer;
      }
      const found = hash.digest('hex');
      if (expected && found !== expected.digest) throw wrongDigest('layer', expected.digest, found);
    },
    close: () => file.close(),
  };
}

/** The whole file in pieces. Content between headers is read and dropped; the page cache has it for the next pass. */
async function* wholeFile(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024, signal })) yield chunk as Buffer;
}

export function notImage(why: string): GuesthouseError {
  return new GuesthouseError({
    code: 'bad-data',
    message: `The archive is not an image: ${why}.`,
    hint: 'Accepted are the output of `docker save` or `podman save`, and OCI archives.',
  });
}
