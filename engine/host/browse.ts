/** Looking at the host's folders, for choosing a file. */
import { readdir, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { CallResult } from '../contract/api.ts';
import { GuesthouseError } from '../contract/errors.ts';

/** A folder with more entries than this is cut: nobody picks from a longer list by eye. */
const MAX_ENTRIES = 2000;

/**
 * Lists a folder, directories first; entries that begin with a dot only when `hidden` is set. Empty path: the home folder.
 * Throws `not-found`, `denied`.
 */
export async function browse(path: string, hidden = false): Promise<CallResult<'host.browse'>> {
  const wished = resolve(path === '' ? homedir() : path);
  try {
    const folder = await realpath(wished);
    const found = await readdir(folder, { withFileTypes: true });
    const visible = found.filter((entry) => hidden || !entry.name.startsWith('.')).slice(0, MAX_ENTRIES);
    const entries = await Promise.all(
      visible.map(async ({ name }) => {
        const info = await stat(join(folder, name)).catch(() => null);
        return info ? { name, directory: info.isDirectory(), sizeBytes: info.isFile() ? info.size : 0 } : null;
      }),
    );
    return {
      path: folder,
      parent: folder === '/' ? null : dirname(folder),
      entries: entries
        .filter((entry) => entry !== null)
        .sort((a, b) => Number(b.directory) - Number(a.directory) || a.name.localeCompare(b.name)),
    };
  } catch (error) {
    throw unreadable(wished, error);
  }
}

/** Why a folder that a person named cannot be looked into. */
export function unreadable(folder: string, error: unknown): GuesthouseError {
  const denied = (error as NodeJS.ErrnoException).code === 'EACCES';
  return new GuesthouseError({
    code: denied ? 'denied' : 'not-found',
    message: denied ? `You may not look into ${folder}.` : `There is no folder ${folder}.`,
    subject: folder,
    hint: 'Choose another folder.',
  });
}
