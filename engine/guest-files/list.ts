/** A folder of a guest: names by `find`, what they are by `stat`. Both answer a hostile folder without ambiguity. */
import { randomBytes } from 'node:crypto';
import type { GuestFile, GuestFolder } from '../contract/files.ts';
import { below } from './paths.ts';
import type { GuestTools } from './tools.ts';

/** More are not listed: nobody reads them, and a guest can make millions. */
const MAX_ENTRIES = 10_000;
/** Command lines are limited (bytes of names, and how many). */
const BATCH_BYTES = 128 * 1024;
const BATCH_NAMES = 1_000;

/** Of the mode bits of stat(2): what kind of file. The rest are regular files. */
const KINDS: Readonly<Record<number, GuestFile['kind']>> = {
  1: 'pipe',
  2: 'device',
  4: 'folder',
  6: 'device',
  10: 'link',
  12: 'socket',
};

/** `folder`: without links in it, as `realPath` answers. */
export async function listFolder(root: GuestTools, folder: string): Promise<GuestFolder> {
  const { names, truncated } = await namesIn(root, folder);
  const entries: GuestFile[] = [];
  const odd: Buffer[] = [];
  const plain: string[] = [];
  for (const bytes of names) {
    const name = bytes.toString('utf8');
    if (Buffer.compare(Buffer.from(name), bytes) === 0) plain.push(name);
    else odd.push(bytes);
  }
  for (const batch of batches(plain)) entries.push(...(await factsOf(root, folder, batch)));
  if (odd.length > 0) entries.push(...(await oddEntries(root, folder, odd)));
  return { path: folder, entries: entries.sort(inOrder), truncated };
}

export function inOrder(a: GuestFile, b: GuestFile): number {
  const folders = Number(b.kind === 'folder') - Number(a.kind === 'folder');
  return folders !== 0 ? folders : a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

async function namesIn(root: GuestTools, folder: string): Promise<{ names: Buffer[]; truncated: boolean }> {
  const names: Buffer[] = [];
  const before = Buffer.byteLength(below(folder, ''));
  for await (const path of found(root, folder, [])) {
    if (names.length === MAX_ENTRIES) return { names, truncated: true };
    names.push(path.subarray(before));
  }
  return { names, truncated: false };
}

/** Paths of what is in the folder itself. The slash makes sure that it is one. */
async function* found(root: GuestTools, folder: string, tests: readonly string[]): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  const find = ['find', below(folder, ''), '-mindepth', '1', '-maxdepth', '1', ...tests, '-print0'];
  for await (const piece of root.tool(find)) {
    rest = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
      yield rest.subarray(0, end);
      rest = rest.subarray(end + 1);
    }
  }
}

function* batches(names: readonly string[]): Generator<string[]> {
  let batch: string[] = [];
  let sizeBytes = 0;
  for (const name of names) {
    batch.push(name);
    sizeBytes += name.length * 3;
    if (batch.length < BATCH_NAMES && sizeBytes < BATCH_BYTES) continue;
    yield batch;
    batch = [];
    sizeBytes = 0;
  }
  if (batch.length > 0) yield batch;
}

/** Which of these paths (without a slash in front) there are, and what they are. Links are not followed at their end. */
export async function pathsIn(
  root: GuestTools,
  paths: readonly string[],
): Promise<{ path: string; kind: GuestFile['kind'] }[]> {
  const found: { path: string; kind: GuestFile['kind'] }[] = [];
  for (const batch of batches(paths)) {
    for (const { name, kind } of await factsOf(root, '/', batch)) found.push({ path: name, kind });
  }
  return found;
}

/** Paths (without a slash in front) of what is in a folder; nothing where there is none. */
export async function namesBelow(root: GuestTools, folder: string): Promise<string[]> {
  if ((await pathsIn(root, [folder]))[0]?.kind !== 'folder') return [];
  const { names } = await namesIn(root, `/${folder}`);
  return names.map((name) => `${folder}/${name.toString('utf8')}`);
}

async function factsOf(root: GuestTools, folder: string, names: readonly string[]): Promise<GuestFile[]> {
  const mark = randomBytes(16).toString('hex');
  const paths = names.map((name) => below(folder, name));
  // What went away meanwhile is no failure (exit code 1).
  const answer = await root.text(['stat', '-c', `%f %s %u %g %Y %N${mark}`, ...paths], { okCodes: [0, 1] });
  return parseFacts(answer.toString('utf8'), folder, names, mark);
}

/**
 * The answers of `stat` for these names, in order, some of them missing. A name or a link's target may hold anything,
 * also what looks like an answer; what it cannot hold is `mark`, drawn after it was written. Pure.
 */
export function parseFacts(answer: string, folder: string, names: readonly string[], mark: string): GuestFile[] {
  const files: GuestFile[] = [];
  let at = 0;
  for (const name of names) {
    const end = answer.indexOf(`${mark}\n`, at);
    if (end < 0) break;
    const [head, mode = '', size, uid, gid, seconds] =
      /^([0-9a-f]+) (\d+) (\d+) (\d+) (-?\d+) /.exec(answer.slice(at, Math.min(end, at + 120))) ?? [];
    if (head === undefined) break;
    const shown = answer.slice(at + head.length, end);
    const path = below(folder, name);
    const bits = Number.parseInt(mode, 16);
    const kind = KINDS[bits >> 12] ?? 'file';
    const target = kind === 'link' ? targetIn(shown, path) : null;
    if (shown !== path && target === null) continue; // the answer for a later name
    at = end + mark.length + 1;
    files.push({
      name,
      kind,
      sizeBytes: Number(size),
      mode: bits & 0o7777,
      uid: Number(uid),
      gid: Number(gid),
      modifiedAt: Number(seconds) * 1000,
      linkTarget: target,
    });
  }
  return files;
}

/** A link as busybox shows it, in quotation marks, or GNU with QUOTING_STYLE=literal, without. null: another file's. */
function targetIn(shown: string, path: string): string | null {
  const [quoted, literal] = [`'${path}' -> '`, `${path} -> `];
  if (shown.startsWith(quoted)) return shown.slice(quoted.length, -1);
  return shown.startsWith(literal) ? shown.slice(literal.length) : null;
}

/** Of names that are no text only the kind is told: they cannot be put on a command line. */
async function oddEntries(root: GuestTools, folder: string, names: readonly Buffer[]): Promise<GuestFile[]> {
  const wanted = new Map(names.map((name) => [name.toString('latin1'), name]));
  const before = Buffer.byteLength(below(folder, ''));
  const files: GuestFile[] = [];
  for (const [letter, kind] of [
    ['d', 'folder'],
    ['l', 'link'],
    ['f', 'file'],
  ] as const) {
    for await (const path of found(root, folder, ['-type', letter])) {
      const name = wanted.get(path.subarray(before).toString('latin1'));
      if (!name) continue;
      const nothing = { sizeBytes: 0, mode: 0, uid: 0, gid: 0, modifiedAt: 0, linkTarget: null };
      files.push({ name: name.toString('utf8'), kind, ...nothing });
    }
  }
  return files;
}
