/**
 * Where a container's program begins. The image may name any path, and links in it may lead anywhere, so what it leads
 * to is looked up as if the container's root were the only one there is, and the runtime is given the answer: no link
 * is left for it to follow once /proc is mounted (CVE-2024-21626).
 */
import { closeSync, fstatSync, readlinkSync } from 'node:fs';
import { posix } from 'node:path';
import { GuesthouseError } from '../../contract/errors.ts';
import { openInRoot } from './syscalls.ts';

/** Who named the folder; only for the message. */
export type FolderSource = 'image' | 'request';

/**
 * Absolute, normalised, and outside of the kernel's own file systems: a path there could lead to a folder of the host.
 * Pure.
 */
export function workingDirectory(path: string, source: FolderSource = 'image'): string {
  const normal = posix
    .normalize(path || '/')
    .replace(/^\/+/, '/')
    .replace(/(.)\/+$/, '$1');
  if (!normal.startsWith('/') || normal.includes('\0') || /^\/(proc|sys)(\/|$)/.test(normal)) {
    throw unusable(path, source, 'It has to be an absolute path outside of /proc and /sys.');
  }
  return normal;
}

/**
 * The folder itself, without links. One that is not there is answered as it will be: the runtime makes it, as container
 * engines do. Throws `bad-data` or `invalid`.
 */
export function resolveWorkingFolder(root: string, path: string, source: FolderSource): string {
  const wanted = workingDirectory(path, source);
  const names = wanted.split('/').filter(Boolean);
  for (let known = names.length; known >= 0; known--) {
    const found = lookUp(root, names.slice(0, known).join('/'));
    if (found === null) continue;
    const missing = names.slice(known);
    if (!found.isFolder) throw unusable(path, source, `${found.path} is no folder.`);
    // Something is there that leads nowhere: whoever made the folder would follow it.
    const [next] = missing;
    if (next !== undefined && isLink(root, found.path, next))
      throw unusable(path, source, 'A link in it leads nowhere.');
    return workingDirectory(posix.join(found.path, ...missing), source);
  }
  throw unusable(path, source, 'The image has no root folder.');
}

/** Follows links inside the root. null: not there. */
export function lookUp(root: string, path: string): { path: string; isFolder: boolean } | null {
  const rootFd = openInRoot(root, '.', 'look');
  const fd = openInRoot(root, path === '' ? '.' : path, 'look');
  try {
    if (fd === null || rootFd === null) return null;
    const isFolder = fstatSync(fd).isDirectory();
    const [top, full] = [rootFd, fd].map((one) => readlinkSync(`/proc/self/fd/${one}`)) as [string, string];
    const inside = top === '/' ? full : full.slice(top.length);
    return { path: inside === '' ? '/' : inside, isFolder };
  } finally {
    for (const one of [fd, rootFd]) if (one !== null) closeSync(one);
  }
}

function isLink(root: string, folder: string, name: string): boolean {
  const fd = openInRoot(root, posix.join(folder, name).slice(1), 'look-at-link');
  if (fd === null) return false;
  closeSync(fd);
  return true;
}

function unusable(path: string, source: FolderSource, why: string): GuesthouseError {
  return new GuesthouseError({
    code: source === 'image' ? 'bad-data' : 'invalid',
    message:
      source === 'image'
        ? 'The image names a working directory that cannot be used.'
        : `${JSON.stringify(path.slice(0, 80))} cannot be the working directory.`,
    subject: JSON.stringify(path.slice(0, 80)),
    cause: why,
    hint: 'Give another one: an absolute path outside of /proc and /sys.',
  });
}
