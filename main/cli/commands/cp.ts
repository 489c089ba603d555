/** `guesthouse cp SRC DST`: out of a guest and into it; `-` is a tar archive. */
import { lstat, mkdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Client } from '../../../engine/contract/client.ts';
import { GuesthouseError, toErrorShape } from '../../../engine/contract/errors.ts';
import { exactly, misused, parse } from '../args.ts';
import { packFile, packFolder } from '../copy/pack.ts';
import { createCopyScan } from '../copy/scan.ts';
import { openOut, sendIn } from '../copy/transfer.ts';
import { unpackFile, unpackFolder } from '../copy/unpack.ts';
import { type Place, place, split } from '../copy/where.ts';
import { withEngine } from '../engine.ts';
import { plain } from '../print.ts';
import { toStdout } from '../stream.ts';

/** So many left-out entries are named one by one. */
const NAMED = 10;
type InGuest = Extract<Place, { kind: 'guest' }>;

export async function run(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, { 'keep-links': { type: 'boolean' } });
  const places = between(exactly(names, 2, 'cp', 'a source and a destination') as [string, string]);
  await withEngine((client) => copyBetween(client, places, values['keep-links'] ?? false));
  return undefined;
}

export type Places = readonly [InGuest, Exclude<Place, InGuest>] | readonly [Exclude<Place, InGuest>, InGuest];

/** Source and destination, of which just one is in a guest. Throws `invalid`. */
export function between([first, second]: readonly [string, string]): Places {
  const [from, to] = [place(first), place(second)];
  if (from.kind === 'guest' && to.kind === 'guest')
    throw misused(
      '`cp` copies between a guest and the host, not between guests.',
      'Copy by way of a folder of the host.',
    );
  if (from.kind === 'guest') return [from, to as Exclude<Place, InGuest>];
  if (to.kind === 'guest') return [from, to];
  throw misused('Neither place is in a guest.', 'Write NAME:PATH for the one that is.');
}

export async function copyBetween(client: Client, places: Places, keepLinks: boolean): Promise<void> {
  const [from, to] = places;
  if (from.kind === 'guest') await copyOut(client, from, to as Exclude<Place, InGuest>, keepLinks);
  else await copyIn(client, from, to as InGuest);
}

async function copyOut(client: Client, from: InGuest, to: Exclude<Place, InGuest>, keepLinks: boolean): Promise<void> {
  const { base, contents } = split(from.path);
  const { opened, source } = await openOut(
    client,
    from.guest,
    split(from.path).base === '' ? '/' : from.path.replace(/\/\.$/, '') || '/',
  );
  if (to.kind === 'stream') return toArchive(source);
  const target = resolve(to.path);
  const found = await stat(target).catch(() => null);
  const isFolder = found?.isDirectory() ?? false;
  if (opened.kind === 'link') {
    await source.return(undefined);
    throw new GuesthouseError({
      code: 'unsupported',
      message: `${from.path} is a link.`,
      subject: from.path,
      hint: 'Copy what it leads to, or the folder it is in.',
    });
  }
  if (opened.kind === 'file') {
    if (!isFolder && to.path.endsWith('/')) throw noFolder(target);
    return unpackFile(source, isFolder ? join(target, safeBase(base)) : target);
  }
  if (found && !isFolder) {
    throw new GuesthouseError({
      code: 'conflict',
      message: `${target} is a file, and ${from.path} is a folder.`,
      subject: target,
    });
  }
  const into = contents || !isFolder ? target : join(target, safeBase(base));
  await mkdir(into).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw noFolder(dirname(into));
    if (error.code !== 'EEXIST') throw error;
  });
  const scan = createCopyScan(base, { keepLinks });
  // The root of a guest has no name of its own that could be left out.
  await unpackFolder(source, into, scan, { strip: base !== '' });
  for (const one of scan.left.slice(0, NAMED)) process.stderr.write(`left out: ${plain(one)}\n`);
  if (scan.left.length > NAMED) process.stderr.write(`left out: ${scan.left.length - NAMED} more\n`);
}

async function toArchive(source: AsyncIterable<Uint8Array>): Promise<void> {
  if (process.stdout.isTTY)
    throw misused('An archive is not written to a terminal.', 'Write e.g. guesthouse cp web:/etc - > etc.tar.');
  const output = toStdout();
  for await (const bytes of source) await new Promise<void>((done) => output.write(bytes, done));
  await output.flushed();
}

async function copyIn(client: Client, from: Exclude<Place, InGuest>, to: InGuest): Promise<void> {
  const { guest } = to;
  if (from.kind === 'stream') {
    if (process.stdin.isTTY)
      throw misused('An archive is not read from a terminal.', 'Write e.g. guesthouse cp - web:/srv < files.tar.');
    await sendIn(client, guest, to.path, process.stdin);
    return;
  }
  const { contents } = split(from.path);
  const path = resolve(from.path);
  const stats = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    throw new GuesthouseError({
      code: error.code === 'EACCES' ? 'denied' : 'not-found',
      message: `${path} cannot be read.`,
      subject: path,
      cause: error.message,
    });
  });
  // A link that is named is followed, once, by us: it is the person's own.
  const real = stats.isSymbolicLink() ? await stat(path) : stats;
  const target = to.path.replace(/\/+$/, '') || '/';
  const isFolder = await isFolderInGuest(client, guest, target);
  if (real.isDirectory()) {
    const into = isFolder && !contents ? join(target, basename(path)) : target;
    if (!isFolder || !contents) await makeFolder(client, guest, into);
    await sendIn(client, guest, into, packFolder(path));
    return;
  }
  if (!real.isFile()) throw misused(`${path} is neither a file nor a folder.`);
  if (!isFolder && to.path.endsWith('/')) {
    throw new GuesthouseError({ code: 'not-found', message: `${to.path} is no folder in ${guest}.`, subject: to.path });
  }
  const parts = split(target);
  await sendIn(
    client,
    guest,
    isFolder ? target : parts.parent,
    packFile(path, isFolder ? basename(path) : parts.base, real),
  );
}

async function isFolderInGuest(client: Client, guest: string, path: string): Promise<boolean> {
  try {
    await client.call('files.list', { guest, path });
    return true;
  } catch (error) {
    const { code, subject } = toErrorShape(error);
    if (code === 'unsupported' || (code === 'not-found' && subject === guest)) throw error;
    if (code === 'not-found' || code === 'invalid' || code === 'wrong-state' || code === 'conflict') return false;
    throw error;
  }
}

async function makeFolder(client: Client, guest: string, path: string): Promise<void> {
  await client.call('files.makeFolder', { guest, path }).catch((error) => {
    if (toErrorShape(error).code !== 'conflict') throw error;
  });
}

/** A name from a command line, never one that leads elsewhere. */
function safeBase(base: string): string {
  if (base === '' || base === '.' || base === '..')
    throw misused('That path has no name of its own.', 'Name where it goes.');
  return base;
}

function noFolder(path: string): GuesthouseError {
  return new GuesthouseError({ code: 'not-found', message: `There is no folder ${path}.`, subject: path });
}
