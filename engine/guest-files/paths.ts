/** Paths in a guest: what may be asked for, and where it leads there. */
import { posix } from 'node:path';
import { GuesthouseError } from '../contract/errors.ts';
import type { GuestTools } from './tools.ts';

const MAX_PATH_BYTES = 4095;

/** Absolute, without a slash at its end. What `..` means is for the guest's own folders to say. Throws `invalid`. */
export function guestPath(path: string): string {
  if (!path.startsWith('/')) throw invalid(path, 'It has to begin with a slash.');
  if (path.includes('\0') || Buffer.byteLength(path) > MAX_PATH_BYTES) throw invalid(path, 'It is no file name.');
  return path.replace(/\/+$/, '') || '/';
}

/** One that names something in a folder: neither the root nor `..`. */
export function namedPath(path: string): { path: string; folder: string; name: string } {
  const whole = guestPath(path);
  const name = posix.basename(whole);
  if (name === '' || name === '.' || name === '..') throw invalid(path, 'It has to end with a name.');
  return { path: whole, folder: posix.dirname(whole), name };
}

/** Where a path leads in the guest, links followed; its last part need not exist. */
export async function realPath(root: GuestTools, path: string): Promise<string> {
  const answer = await root.text(['realpath', path]);
  return answer.toString('utf8').replace(/\n$/, '');
}

/** `/data/x` is at or below `/data`. */
export function isBelow(path: string, folder: string): boolean {
  const top = folder.replace(/\/+$/, '');
  return path === top || path.startsWith(`${top}/`);
}

export function below(folder: string, name: string): string {
  return folder === '/' ? `/${name}` : `${folder}/${name}`;
}

function invalid(path: string, why: string): GuesthouseError {
  return new GuesthouseError({
    code: 'invalid',
    message: `${JSON.stringify(path.slice(0, 200))} cannot be a path in a guest.`,
    subject: path.slice(0, 200),
    cause: why,
    hint: 'Give the whole path in the guest, such as /etc/hosts.',
  });
}
