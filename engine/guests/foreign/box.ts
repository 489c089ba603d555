/** Files beside one another that make up a machine: members of an archive, or of a folder. Names are plain, each once. */
import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { LeapingFile } from '../../images/archive/leaping-file.ts';
import { padded, readTar, type TarEntry } from '../../images/archive/tar-reader.ts';
import { isPlainName } from '../../images/convert/vmdk-parts.ts';
import { badMachine, type Reading, shownText } from './machine.ts';

export interface BoxFile {
  readonly name: string;
  /** Absolute path of the file it is, or is in. */
  readonly path: string;
  /** null: the whole file. */
  readonly piece: { readonly offset: number; readonly sizeBytes: number } | null;
  readonly sizeBytes: number;
}

export interface Box {
  /** For people: `OVA file`, `folder`. */
  readonly what: string;
  readonly names: readonly string[];
  find(name: string): BoxFile | null;
  /** A small file whole. Throws `bad-data` when it is too large or missing. */
  read(name: string): Promise<Buffer>;
  /** Digest of a member, in lower-case hex digits; null: contents are not read. */
  digest(name: string, algorithm: string): Promise<string | null>;
}

/** A machine has a description, a manifest and some disks. */
const MAX_MEMBERS = 1000;
const MAX_TEXT_BYTES = 4 * 1024 * 1024;
const PIECE_BYTES = 1024 * 1024;

/**
 * `path`: a plain tar. Throws `bad-data` for links, devices, two members of one name and names that are paths. `digests`:
 * they are taken on the way, since all of it is read anyway.
 */
export async function openTarBox(path: string, what: string, digests: boolean, reading: Reading): Promise<Box> {
  const { signal, progress } = reading;
  const files = new Map<string, BoxFile>();
  const sums = new Map<string, string>();
  const { size } = await stat(path);
  let current: { name: string; left: number; hash: ReturnType<typeof createHash> } | null = null;
  const finish = () => {
    if (current !== null) sums.set(current.name, current.hash.digest('hex'));
    current = null;
  };
  let bytesDone = 0;
  const source = async function* () {
    for await (const piece of createReadStream(path, { highWaterMark: PIECE_BYTES, signal })) {
      bytesDone += (piece as Buffer).length;
      const step = digests ? 'Checking the archive' : 'Reading the archive';
      progress({ step, fraction: bytesDone / size, bytesDone, bytesTotal: size });
      yield piece as Buffer;
    }
  };
  const leaping = reading.contents === false ? new LeapingFile(path, signal) : null;
  await readTar(leaping ?? source(), {
    entry(entry: TarEntry) {
      finish();
      const name = entry.name.replace(/^(\.\/)+/, '');
      leaping?.leapTo(entry.offset + padded(entry.sizeBytes));
      if (entry.type === 'folder') return false;
      if (entry.type !== 'file') throw badMachine(what, `it has a ${entry.type} (${shownText(name)}) in it`);
      if (!isPlainName(name)) throw badMachine(what, `it has a file with the name ${shownText(entry.name)}`);
      // The first counts for some readers and the last for others: they would see two machines.
      if (files.has(name)) throw badMachine(what, `it has two files named ${shownText(name)}`);
      if (files.size >= MAX_MEMBERS) throw badMachine(what, 'it has too many files');
      const piece = { offset: entry.offset, sizeBytes: entry.sizeBytes };
      files.set(name, { name, path, piece, sizeBytes: entry.sizeBytes });
      if (leaping !== null || !digests) return false;
      current = { name, left: entry.sizeBytes, hash: createHash('sha256') };
      return true;
    },
    content(bytes) {
      if (current === null) return;
      const own = bytes.subarray(0, current.left);
      current.left -= own.length;
      current.hash.update(own);
    },
  });
  finish();
  return boxOf(what, files, sums, reading);
}

/** The files of a folder; links and whatever has an unusual name are not among them. */
export async function openFolderBox(folder: string, reading: Reading): Promise<Box> {
  const files = new Map<string, BoxFile>();
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isFile() || !isPlainName(entry.name) || files.size >= MAX_MEMBERS) continue;
    const path = join(folder, entry.name);
    files.set(entry.name, { name: entry.name, path, piece: null, sizeBytes: (await stat(path)).size });
  }
  return boxOf(`folder ${shownText(basename(folder))}`, files, new Map(), reading);
}

function boxOf(
  what: string,
  files: ReadonlyMap<string, BoxFile>,
  sha256: ReadonlyMap<string, string>,
  { signal, contents = true }: Reading,
): Box {
  const get = (name: string): BoxFile => {
    const file = files.get(name);
    if (file) return file;
    throw badMachine(what, `the file ${shownText(name)} is missing in it`);
  };
  return {
    what,
    names: [...files.keys()],
    find: (name) => files.get(name) ?? null,
    async read(name) {
      const { path, piece, sizeBytes } = get(name);
      if (sizeBytes > MAX_TEXT_BYTES) throw badMachine(what, `the file ${shownText(name)} is too large`);
      const file = await openFile(path);
      try {
        const bytes = Buffer.alloc(sizeBytes);
        const { bytesRead } = await file.read(bytes, 0, sizeBytes, piece?.offset ?? 0);
        return bytes.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    },
    async digest(name, algorithm) {
      if (!contents) return null;
      const known = algorithm === 'sha256' ? sha256.get(name) : undefined;
      if (known !== undefined) return known;
      const { path, piece, sizeBytes } = get(name);
      const hash = createHash(algorithm);
      if (sizeBytes === 0) return hash.digest('hex');
      const start = piece?.offset ?? 0;
      const range = { start, end: start + sizeBytes - 1, highWaterMark: PIECE_BYTES, signal };
      for await (const bytes of createReadStream(path, range)) hash.update(bytes as Buffer);
      return hash.digest('hex');
    },
  };
}

function openFile(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
}
