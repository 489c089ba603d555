/**
 * What a guest changed: the upper folder of its overlay, read inside the house where owners are what the guest says.
 * The tree is hostile and may change while it is read: GNU find and tar walk it by folder descriptors and follow no
 * link. Marks of overlayfs (Linux, filesystems/overlayfs.rst): a character device 0:0 is a whiteout, the attribute
 * `trusted.overlay.opaque` (`user.overlay.opaque` in a user namespace) hides all that is below a folder.
 */
import { GuesthouseError } from '../../contract/errors.ts';
import { pipeFrom } from '../../host/pipe.ts';
import { isOpaque, isWhiteout } from '../../images/archive/overlay-tar.ts';
import { readTar } from '../../images/archive/tar-reader.ts';
import type { House } from '../../networks/house.ts';

export interface UpperEntry {
  /** From the root of the guest, without a slash in front: `etc/passwd`. Bytes that are not UTF-8 are U+FFFD. */
  readonly path: string;
  /** `whiteout`: the image's file of this name was removed. */
  readonly kind: 'file' | 'folder' | 'link' | 'device' | 'socket' | 'pipe' | 'whiteout';
  /** Of a folder: nothing of the image's folder of this name is left. */
  readonly opaque: boolean;
  readonly sizeBytes: number;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
  readonly linkTarget: string | null;
}

/** More than this is not listed but refused. */
const MAX_ENTRIES = 500_000;
const MAX_LIST_BYTES = 256 * 1024 ** 2;
const WALK_TIMEOUT_MS = 5 * 60_000;

const KINDS: Readonly<Record<string, UpperEntry['kind']>> = {
  f: 'file',
  d: 'folder',
  l: 'link',
  b: 'device',
  c: 'device',
  s: 'socket',
  p: 'pipe',
};

/**
 * All entries of an overlay's upper folder, each folder before what is in it. Nothing there: an empty list.
 * Throws `resources` for a tree too large to list.
 */
export async function walkUpper(house: House, upper: string, signal?: AbortSignal): Promise<UpperEntry[]> {
  await house.ensure();
  const prefix = house.enter({ network: false });
  // An attribute of the other name is any program's to write.
  const namespace = (await house.privilege()) === 'root' ? 'trusted' : 'user';
  // %y type, %m mode, %T@ seconds, %P path below the folder, %l target of a link.
  const find = ['find', upper, '-xdev', '-mindepth', '1', '-printf', '%y %m %U %G %s %T@\\0%P\\0%l\\0'];
  const listed = await collected(
    pipeFrom([...prefix, ...find], { signal, timeoutMs: WALK_TIMEOUT_MS, okCodes: [0, 1] }),
  );
  const entries: { entry: UpperEntry; name: Buffer }[] = [];
  for (let at = 0; at < listed.length; ) {
    const [facts, afterFacts] = upToNul(listed, at);
    const [name, afterName] = upToNul(listed, afterFacts);
    const [target, next] = upToNul(listed, afterName);
    at = next;
    if (entries.length >= MAX_ENTRIES) throw tooLarge();
    entries.push({ entry: parseEntry(facts.toString('latin1'), name, target), name });
  }
  const marks = await readMarks(
    { prefix, upper, namespace, signal },
    entries.filter(({ entry }) => entry.kind === 'folder' || entry.kind === 'device'),
  );
  return entries
    .map(({ entry }): UpperEntry => {
      const mark = marks.get(entry.path);
      if (mark === 'whiteout' && entry.kind === 'device') return { ...entry, kind: 'whiteout' };
      return mark === 'opaque' && entry.kind === 'folder' ? { ...entry, opaque: true } : entry;
    })
    .sort((a, b) => comparePaths(a.path, b.path));
}

/** By components, so that a folder comes right before what is in it. */
export function comparePaths(a: string, b: string): number {
  const [one, other] = [a.replaceAll('/', '\0'), b.replaceAll('/', '\0')];
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Attributes and device numbers only tar tells; it is given folders and devices alone, so no content is read. */
async function readMarks(
  at: { prefix: readonly string[]; upper: string; namespace: 'trusted' | 'user'; signal: AbortSignal | undefined },
  wanted: readonly { readonly name: Buffer }[],
): Promise<ReadonlyMap<string, 'whiteout' | 'opaque'>> {
  const marks = new Map<string, 'whiteout' | 'opaque'>();
  if (wanted.length === 0) return marks;
  const input = Buffer.concat(wanted.flatMap(({ name }) => [Buffer.from('./'), name, Buffer.from([0])]));
  const options = ['--create', '--file=-', `--directory=${at.upper}`, '--format=posix', '--xattrs'];
  const list = ['--no-recursion', '--null', '--verbatim-files-from', '--files-from=-'];
  const tar = ['tar', ...options, `--xattrs-include=${at.namespace}.overlay.opaque`, ...list];
  // What went away between the two looks is no failure (exit code 2).
  const okCodes = [0, 1, 2];
  const { signal } = at;
  await readTar(pipeFrom([...at.prefix, ...tar], { signal, timeoutMs: WALK_TIMEOUT_MS, input, okCodes }), {
    entry(entry) {
      const path = entry.name.replace(/^\.\//, '').replace(/\/$/, '');
      if (isWhiteout(entry)) marks.set(path, 'whiteout');
      else if (isOpaque(entry, at.namespace)) marks.set(path, 'opaque');
      return false;
    },
    content() {},
  });
  return marks;
}

function parseEntry(facts: string, name: Buffer, target: Buffer): UpperEntry {
  const [type = '', mode = '', uid, gid, size, seconds] = facts.split(' ');
  const kind = KINDS[type] ?? 'file';
  return {
    path: name.toString('utf8'),
    kind,
    opaque: false,
    sizeBytes: Number(size),
    mode: Number.parseInt(mode, 8) & 0o7777,
    uid: Number(uid),
    gid: Number(gid),
    modifiedAt: Math.floor(Number(seconds) * 1000),
    linkTarget: kind === 'link' ? target.toString('utf8') : null,
  };
}

function upToNul(bytes: Buffer, from: number): [Buffer, number] {
  const end = bytes.indexOf(0, from);
  if (end !== -1) return [bytes.subarray(from, end), end + 1];
  throw new GuesthouseError({ code: 'internal', message: 'A list of files ended in the middle of a name.' });
}

async function collected(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  let sizeBytes = 0;
  for await (const part of source) {
    parts.push(part);
    sizeBytes += part.length;
    if (sizeBytes > MAX_LIST_BYTES) throw tooLarge();
  }
  return Buffer.concat(parts);
}

function tooLarge(): GuesthouseError {
  return new GuesthouseError({
    code: 'resources',
    message: `The guest changed more than ${MAX_ENTRIES} files; that is too many to list.`,
  });
}
