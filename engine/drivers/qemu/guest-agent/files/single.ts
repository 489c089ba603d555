/**
 * Single files of a guest whose agent starts no programs, as it is on Fedora and its relatives unless allowed. They are
 * written in place, for nothing can be renamed: what is cut off is there in part, and the failure says so.
 */
import { GuesthouseError } from '../../../../contract/errors.ts';
import { plainHeader } from '../../../../guest-files/archive.ts';
import { below, guestPath, namedPath } from '../../../../guest-files/paths.ts';
import { BLOCK_BYTES, readTar } from '../../../../images/archive/tar-reader.ts';
import type { CopyOut, GuestFiles } from '../../../reach.ts';
import type { GuestAgent } from '../client.ts';
import { close, type GuestFileWriter, openGuestFile, openWriter, piecesOf, sizeOfOpen } from './handle.ts';

/** For finding out what is at a path (ms). */
const LOOK_TIMEOUT_MS = 60_000;

/** `note`: tells a sentence to whoever looks at the guest. */
export function singleFiles(agent: GuestAgent, note: (sentence: string) => void): GuestFiles {
  return {
    async list(path) {
      const { bytes } = await reading(agent, guestPath(path), AbortSignal.timeout(LOOK_TIMEOUT_MS));
      await bytes.return(undefined);
      throw new GuesthouseError({ code: 'invalid', message: `${path} is no folder.`, subject: path });
    },
    makeFolder: (path) => Promise.reject(noPrograms(path)),
    rename: (path) => Promise.reject(noPrograms(path)),
    remove: (path) => Promise.reject(noPrograms(path)),
    async copyOut(path, { raw, signal }): Promise<CopyOut> {
      if (guestPath(path) === '/') throw noPrograms(path);
      const { path: whole, name } = namedPath(path);
      const { sizeBytes, bytes } = await reading(agent, whole, signal);
      if (raw) return { kind: 'file', sizeBytes, bytes };
      return { kind: 'file', sizeBytes: null, bytes: archived(name, sizeBytes, bytes) };
    },
    async copyIn(path, { raw, signal, source }) {
      const done = raw
        ? writeRaw(agent, namedPath(path).path, source, signal)
        : writeArchived(agent, guestPath(path), source, signal);
      const told = done.then(({ target, isNew }) => {
        // The agent gives a new file all rights, whatever its own umask says.
        if (isNew) note(`Every user of the guest can write to ${target}, for its agent made it: set its rights there.`);
        return { entries: 1 };
      });
      told.catch(() => {});
      return { done: told };
    },
  };
}

/** Throws unless it is a file. Stopping to read closes it. */
async function reading(agent: GuestAgent, path: string, signal: AbortSignal) {
  const handle = await openGuestFile(agent, path, 'r');
  async function* rest(first: IteratorResult<Buffer>, pieces: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
    try {
      yield Buffer.alloc(0); // so that the end of reading is seen from now on
      if (!first.done) yield first.value;
      yield* pieces;
    } finally {
      await close(agent, handle).catch(() => {}); // nothing was written
    }
  }
  try {
    const pieces = piecesOf(agent, handle, signal);
    const first = await pieces.next();
    const sizeBytes = await sizeOfOpen(agent, handle, first.done ? 0 : first.value.length);
    const bytes = rest(first, pieces);
    await bytes.next();
    return { sizeBytes, bytes };
  } catch (error) {
    await close(agent, handle).catch(() => {});
    // A folder is opened like a file, and cannot be read like one.
    throw reasonOf(error).includes('s a directory') ? noPrograms(path) : error;
  }
}

/** One file as a tar archive. Throws `conflict` when it became shorter meanwhile; what it became longer is left out. */
async function* archived(name: string, sizeBytes: number, bytes: AsyncGenerator<Buffer>): AsyncGenerator<Uint8Array> {
  const facts = { mode: 0o644, uid: 0, gid: 0, mtime: Date.now() / 1000 };
  yield plainHeader({ name, linkName: '', type: 'file', sizeBytes, ...facts });
  let left = sizeBytes;
  for await (const piece of bytes) {
    yield piece.subarray(0, left);
    left -= Math.min(left, piece.length);
    if (left === 0) break;
  }
  if (left > 0) {
    throw new GuesthouseError({
      code: 'conflict',
      message: `${name} became shorter while it was read.`,
      subject: name,
      hint: 'Copy it again.',
    });
  }
  yield Buffer.alloc((BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES);
  yield Buffer.alloc(2 * BLOCK_BYTES);
}

interface Written {
  readonly target: string;
  readonly isNew: boolean;
}

async function writeRaw(
  agent: GuestAgent,
  target: string,
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<Written> {
  const isNew = await isMissing(agent, target);
  const writer = await openWriter(agent, target, signal);
  try {
    for await (const bytes of source) await writer.put(bytes);
    await writer.end();
  } catch (error) {
    await writer.abandon();
    throw partly(error, target);
  }
  return { target, isNew };
}

/** The one file of an archive, into a folder. Throws `unsupported` for an archive of anything else. */
async function writeArchived(
  agent: GuestAgent,
  folder: string,
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<Written> {
  let going: (Written & { readonly writer: GuestFileWriter }) | null = null;
  let left = 0;
  try {
    await readTar(source, {
      async entry({ name, type, sizeBytes }) {
        if (going !== null || type !== 'file' || !/^(\.\/)?[^/]+$/.test(name)) throw noPrograms(folder);
        const { path: target } = namedPath(below(folder, name.replace(/^\.\//, '')));
        const isNew = await isMissing(agent, target);
        going = { target, isNew, writer: await openWriter(agent, target, signal) };
        left = sizeBytes;
        return true;
      },
      async content(bytes) {
        // The last piece has the archive's padding at its end.
        await going?.writer.put(Buffer.from(bytes.subarray(0, left)));
        left -= Math.min(left, bytes.length);
      },
    });
    const made = going as (Written & { readonly writer: GuestFileWriter }) | null;
    if (made === null) throw noPrograms(folder);
    await made.writer.end();
    return made;
  } catch (error) {
    const made = going as (Written & { readonly writer: GuestFileWriter }) | null;
    if (made === null) throw error;
    await made.writer.abandon();
    throw partly(error, made.target);
  }
}

async function isMissing(agent: GuestAgent, path: string): Promise<boolean> {
  try {
    await close(agent, await openGuestFile(agent, path, 'r'));
    return false;
  } catch (error) {
    if (/No such file|cannot find/.test(reasonOf(error))) return true;
    throw error;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof GuesthouseError && error.code === 'guest-failed' ? (error.cause ?? '') : '';
}

/** What went wrong, and that a part may be there. */
function partly(error: unknown, path: string): unknown {
  if (!(error instanceof GuesthouseError)) return error;
  return new GuesthouseError({
    code: error.code,
    message: error.message,
    ...(error.subject === undefined ? {} : { subject: error.subject }),
    ...(error.cause === undefined ? {} : { cause: error.cause }),
    hint: `${path} may hold a part of it: copy it again. ${error.hint ?? ''}`.trim(),
  });
}

function noPrograms(path: string): GuesthouseError {
  return new GuesthouseError({
    code: 'unsupported',
    message:
      'Only single files of this guest can be copied, by their whole name: its agent starts no programs we know.',
    subject: path,
    hint: 'Allow its agent guest-exec and guest-exec-status (in the guest: /etc/qemu/qemu-ga.conf, on Fedora and its relatives also /etc/sysconfig/qemu-ga), restart it, or use a folder it shares with the host.',
  });
}
