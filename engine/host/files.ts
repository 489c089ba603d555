/** Files that must survive a crash, and small questions about files. */

import { randomBytes } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { access, type FileHandle, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { GuesthouseError } from '../contract/errors.ts';

/** Temporary files of `writeAtomic`. */
const TEMPORARY = /^\..+\.[0-9a-f]{12}\.tmp$/;

/**
 * Replaces `path` in one step: temporary file in the same folder, fsync, rename, fsync of the folder. After a crash
 * the file is the old one or the new one, never a mixture. Throws `resources` when the disk is full.
 */
export async function writeAtomic(path: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const file = await open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw isDiskFull(error) ? diskFull(path) : error;
  }
  await syncFolder(folder);
}

/** Removes what writers that were killed left in a folder. Only when nobody can be writing in it. */
export async function removeTemporaries(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  await Promise.all(
    names.filter((name) => TEMPORARY.test(name)).map((name) => rm(join(folder, name), { force: true })),
  );
}

function isDiskFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

function diskFull(path: string): GuesthouseError {
  return new GuesthouseError({
    code: 'resources',
    message: `There is no space left for ${basename(path)}.`,
    subject: path,
    cause: 'No space left on device.',
    hint: `Free some space on the disk that holds ${dirname(path)}, then try again.`,
  });
}

/** Makes a rename, creation or removal in this folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes pieces one after the other without joining them first. `position` null: where the file is. */
export async function writeAll(
  file: FileHandle,
  pieces: readonly Uint8Array[],
  sizeBytes: number,
  position: number | null,
): Promise<void> {
  const { bytesWritten } = await file.writev(pieces, position ?? undefined);
  if (bytesWritten === sizeBytes) return;
  // A disk about to be full takes a part; the rest says what is wrong.
  let rest: Uint8Array = Buffer.concat(pieces, sizeBytes).subarray(bytesWritten);
  for (let at = (position ?? 0) + bytesWritten; rest.length > 0; ) {
    const { bytesWritten: more } = await file.write(rest, 0, rest.length, position === null ? null : at);
    rest = rest.subarray(more);
    at += more;
  }
}

/** Reads and parses JSON; null when the file does not exist. Throws SyntaxError when it is damaged. */
export async function readJson<T>(path: string): Promise<T | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Whether this process may read and write it. */
export function mayUse(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** A folder only its owner may enter. */
export async function privateFolder(path: string): Promise<string> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  return path;
}
