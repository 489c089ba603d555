/**
 * Judges the archive of what is copied out of a guest before an entry of it is unpacked on the host. The guest is
 * hostile: no entry may be written outside of the copy, through a link, or as a device. Pure.
 */
import { posix } from 'node:path';
import { GuesthouseError } from '../../../engine/contract/errors.ts';
import type { TarEntry } from '../../../engine/images/archive/tar-reader.ts';

/** More entries than a person copies by hand. */
const MAX_ENTRIES = 2_000_000;
const MAX_PATH_BYTES = 4095;

export interface CopyScan {
  /** `drop`: a device, or a link that leads out of the copy. Throws `bad-data`. */
  judge(entry: Pick<TarEntry, 'name' | 'linkName' | 'type'>): 'keep' | 'drop';
  /** What was left out, and why, in words. */
  readonly left: readonly string[];
}

export function createCopyScan(top: string, { keepLinks = false } = {}): CopyScan {
  const links = new Set<string>();
  const files = new Set<string>();
  const left: string[] = [];
  let entries = 0;

  const through = (path: string): string | undefined => {
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1))
      if (links.has(path.slice(0, at))) return path.slice(0, at);
    return undefined;
  };
  const drop = (name: string, why: string): 'drop' => {
    left.push(`${name} ${why}`);
    return 'drop';
  };

  return {
    left,
    judge({ name, linkName, type }) {
      if (++entries > MAX_ENTRIES) throw refused(name, `is one of more than ${MAX_ENTRIES} entries`);
      const path = cleanPath(name);
      if (path !== top && top !== '' && !path.startsWith(`${top}/`))
        throw refused(name, 'is not below what was asked for');
      if (through(path) !== undefined) throw refused(name, 'is written through a link');
      if (links.has(path)) throw refused(name, 'takes the place of a link');
      if (type === 'character' || type === 'block') return drop(name, 'is a device');
      if (type === 'link') {
        const target = cleanPath(linkName);
        if (!files.has(target)) throw refused(name, 'is a hard link to something outside of the copy');
        files.add(path);
      } else if (type === 'symlink') {
        const isInside = staysInside(path, linkName, top);
        if (!isInside && !keepLinks) return drop(name, `is a link that leads out of the copy, to ${linkName}`);
        links.add(path);
      } else if (type === 'file') files.add(path);
      return 'keep';
    },
  };
}

/**
 * Whether a link can lead nowhere but into the copy. Its way up comes first: the folders above it are none of them links,
 * while `x/..` leads out of the copy where x is a link to `.`.
 */
function staysInside(path: string, linkName: string, top: string): boolean {
  if (linkName.startsWith('/') || linkName.includes('\0')) return false;
  if (
    linkName
      .replace(/^(\.{1,2}\/+)*(\.\.$)?/, '')
      .split('/')
      .includes('..')
  )
    return false;
  const end = posix.normalize(posix.join(posix.dirname(path), linkName));
  return top === '' ? !/^\.\.(\/|$)/.test(end) : end === top || end.startsWith(`${top}/`);
}

/** Without a slash at the end. Throws for what is not a plain relative path. */
function cleanPath(name: string): string {
  if (name === '' || name.includes('\0')) throw refused(name, 'has an impossible name');
  if (Buffer.byteLength(name) > MAX_PATH_BYTES) throw refused(name, 'has a path that is too long');
  if (name.startsWith('/')) throw refused(name, 'has an absolute path');
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw refused(name, 'leads out of the copy');
  return parts.join('/');
}

function refused(name: string, why: string): GuesthouseError {
  return new GuesthouseError({
    code: 'bad-data',
    message: 'The guest sent something that is not unpacked here.',
    subject: JSON.stringify(name.slice(0, 120)),
    cause: `The entry ${JSON.stringify(name.slice(0, 120))} ${why}.`,
    hint: 'What was copied before it is there; the rest is not.',
  });
}
