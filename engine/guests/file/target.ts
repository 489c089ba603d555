/** A file of the host that appears whole, under a name nobody has, or not at all. */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, lstat, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { GuesthouseError } from '../../contract/errors.ts';
import { syncFolder } from '../../host/files.ts';

/**
 * `write` gets the path of an empty file beside the target, which takes its name at the end. Throws `invalid`,
 * `conflict` where something has the name, `not-found` and `denied` for the folder, and whatever `write` throws.
 */
export async function writeNewFile<T>(path: string, write: (draft: string) => Promise<T>): Promise<T> {
  if (!path.startsWith('/') || path.includes('\0'))
    throw new GuesthouseError({ code: 'invalid', message: 'The path of the file must be absolute.', subject: 'path' });
  const target = resolve(path);
  if (await lstat(target).catch(() => null)) throw taken(target);
  const draft = join(dirname(target), `.${basename(target).slice(0, 200)}.${randomBytes(6).toString('hex')}.tmp`);
  const file = await open(draft, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600).catch((error) => {
    throw unwritable(target, error as NodeJS.ErrnoException);
  });
  try {
    await file.close();
    const result = await write(draft);
    const written = await open(draft, 'r');
    await written.sync();
    await written.close();
    await place(draft, target);
    await syncFolder(dirname(target));
    return result;
  } finally {
    await rm(draft, { force: true });
  }
}

/** A link takes no name that somebody has; file systems without links are asked right before. */
async function place(draft: string, target: string): Promise<void> {
  try {
    await link(draft, target);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw taken(target);
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'ENOSYS') throw error;
    if (await lstat(target).catch(() => null)) throw taken(target);
    await rename(draft, target);
  }
}

function taken(target: string): GuesthouseError {
  return new GuesthouseError({
    code: 'conflict',
    message: `${target} is there already.`,
    subject: target,
    hint: 'Give the name of a new file; nothing is overwritten.',
  });
}

function unwritable(target: string, error: NodeJS.ErrnoException): unknown {
  const { code, message } = error;
  if (!['ENOENT', 'ENOTDIR', 'EACCES', 'EROFS', 'EPERM', 'ENAMETOOLONG'].includes(code ?? '')) return error;
  const missing = code === 'ENOENT' || code === 'ENOTDIR';
  return new GuesthouseError({
    code: missing ? 'not-found' : 'denied',
    message: `${target} cannot be written${missing ? ': there is no such folder' : ''}.`,
    subject: target,
    cause: message,
  });
}
