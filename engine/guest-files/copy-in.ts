/**
 * Copying into a guest. Everything is first written below a folder of a name nobody can guess, beside where it shall be;
 * only when all of it has come is it put in place, by renaming or a second name. What is cut off leaves nothing, and
 * what a killed engine left is swept away by the next copy into the same folder.
 */
import { GuesthouseError } from '../contract/errors.ts';
import { plainArchive } from './archive.ts';
import { bulkOf, COPY_TIMEOUT_MS } from './bulk.ts';
import { below, guestPath, namedPath, realPath } from './paths.ts';
import { sweep, temporaryIn } from './temporary.ts';
import type { GuestTools, Owner } from './tools.ts';

/** Command lines are limited. */
const NAMES_AT_ONCE = 200;

export interface CopyInRequest {
  readonly raw: boolean;
  readonly signal: AbortSignal;
  readonly source: AsyncIterable<Uint8Array>;
  /** Whose a new file is that brings no owner along. null: only one user exists in this guest, so everything is his. */
  readonly owner: Owner | null;
}

export async function copyIn(
  root: GuestTools,
  path: string,
  request: CopyInRequest,
): Promise<{ readonly done: Promise<{ entries: number }> }> {
  const target = request.raw ? await fileTarget(root, path) : await folderTarget(root, path);
  await sweep(root, target.folder);
  const temporary = temporaryIn(root, target.folder);
  const done = (async () => {
    try {
      await root.text(['mkdir', '-m', '700', temporary.path]);
      return await (request.raw ? putFile : putArchive)(root, temporary.path, target.path, request);
    } finally {
      // Also when cancelled: this is what leaves nothing half-made.
      await temporary.end();
    }
  })();
  done.catch(() => {});
  return { done };
}

interface Target {
  /** Links followed. */
  readonly path: string;
  /** Where the temporary name is. */
  readonly folder: string;
}

async function folderTarget(root: GuestTools, path: string): Promise<Target> {
  const folder = await realPath(root, guestPath(path));
  await root.text(['find', below(folder, ''), '-maxdepth', '0']); // throws where it is none
  return { path: folder, folder };
}

async function fileTarget(root: GuestTools, path: string): Promise<Target> {
  const real = namedPath(await realPath(root, namedPath(path).path));
  await root.text(['find', below(real.folder, ''), '-maxdepth', '0']);
  const kind = (await root.text(['stat', '-c', '%F', real.path], { okCodes: [0, 1] })).toString('latin1').trim();
  if (kind === '' || kind === 'regular file' || kind === 'regular empty file') return real;
  throw new GuesthouseError({
    code: 'invalid',
    message: `${real.path} cannot be written: it is a ${kind}.`,
    subject: real.path,
    hint: 'Name a file, also one that is not there yet.',
  });
}

async function putFile(
  root: GuestTools,
  temporary: string,
  path: string,
  { signal, source, owner }: CopyInRequest,
): Promise<{ entries: number }> {
  const file = below(temporary, 'file');
  await bulkOf(root).write(file, { signal, input: source });
  const old = (await root.text(['stat', '-c', '%a %u:%g', path], { okCodes: [0, 1] })).toString('latin1').trim();
  const [mode = '644', ids = `${owner?.uid ?? 0}:${owner?.gid ?? 0}`] = old === '' ? [] : old.split(' ');
  if (owner) await root.text(['chown', ids, file]);
  await root.text(['chmod', mode, file]);
  signal.throwIfAborted();
  await root.text(['mv', '-f', '-T', file, path]);
  return { entries: 1 };
}

async function putArchive(
  root: GuestTools,
  temporary: string,
  folder: string,
  { signal, source, owner }: CopyInRequest,
): Promise<{ entries: number }> {
  const archive = plainArchive(source);
  await bulkOf(root).unpack(temporary, { signal, input: archive.bytes, keepOwners: owner !== null });
  const listed = await root.text(['find', temporary, '-mindepth', '1', '-maxdepth', '1', '-print0']);
  const paths = listed.toString('utf8').split('\0').filter(Boolean);
  signal.throwIfAborted();
  for (let at = 0; at < paths.length; at += NAMES_AT_ONCE) {
    // A second name in place of whatever is there: no content is copied again, and no old file is written into.
    const some = paths.slice(at, at + NAMES_AT_ONCE);
    await root.text(['cp', '-a', '-l', '-f', ...some, below(folder, '')], { timeoutMs: COPY_TIMEOUT_MS });
  }
  return { entries: archive.count() };
}
