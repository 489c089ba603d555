/**
 * Which user a name means in this root file system: /etc/passwd and /etc/group read without following a link out of
 * it, and answered as numbers.
 */
import { closeSync, fstatSync, readSync } from 'node:fs';
import { GuesthouseError } from '../../contract/errors.ts';
import type { Identity } from './process-spec.ts';
import { openInRoot } from './syscalls.ts';

/** A larger /etc/passwd is not one (bytes). */
const MAX_FILE_BYTES = 1024 * 1024;
const MAX_ID = 0xffff_fffe;

/** `wish`: `user[:group]`, by name or number; empty: root. Throws `invalid` for a name that is not there. */
export function resolveIdentity(root: string, wish: string): Identity {
  return findIdentity(wish, readText(root, 'etc/passwd'), readText(root, 'etc/group'));
}

export function findIdentity(wish: string, passwd: string, group: string): Identity {
  const [user = '', wantedGroup = ''] = wish === '' ? ['0'] : wish.split(':', 2);
  const users = rows(passwd).filter((row) => row.length >= 6);
  const groups = rows(group).filter((row) => row.length >= 3);
  const byNumber = number(user);
  const found =
    users.find((row) => row[0] === user) ?? users.find((row) => byNumber !== null && number(row[2] ?? '') === byNumber);
  const uid = found ? number(found[2] ?? '') : byNumber;
  if (uid === null) throw unknown('user', user);
  const gid = wantedGroup === '' ? (number(found?.[3] ?? '') ?? 0) : groupId(wantedGroup, groups);
  const name = found?.[0];
  const extra =
    wantedGroup === '' && name !== undefined
      ? groups.filter((row) => (row[3] ?? '').split(',').includes(name)).map((row) => number(row[2] ?? ''))
      : [];
  const home = found?.[5] ?? '';
  return {
    uid,
    gid,
    groups: [...new Set(extra.filter((id): id is number => id !== null && id !== gid))],
    home: home.startsWith('/') ? home : uid === 0 ? '/root' : '/',
  };
}

function groupId(wanted: string, groups: readonly string[][]): number {
  const gid = number(groups.find((row) => row[0] === wanted)?.[2] ?? '') ?? number(wanted);
  if (gid === null) throw unknown('group', wanted);
  return gid;
}

function rows(text: string): string[][] {
  return text.split('\n').map((line) => line.split(':'));
}

function number(text: string): number | null {
  if (!/^\d{1,10}$/.test(text)) return null;
  const value = Number(text);
  return value <= MAX_ID ? value : null;
}

function unknown(what: 'user' | 'group', name: string): GuesthouseError {
  return new GuesthouseError({
    code: 'invalid',
    message: `The image has no ${what} ${JSON.stringify(name.slice(0, 40))}.`,
    subject: name.slice(0, 40),
    hint: `Name one of the image's /etc/${what === 'user' ? 'passwd' : 'group'}, or a number.`,
  });
}

function readText(root: string, path: string): string {
  const fd = openInRoot(root, path, 'read');
  if (fd === null) return '';
  try {
    const info = fstatSync(fd);
    if (!info.isFile() || info.size > MAX_FILE_BYTES) return '';
    const bytes = Buffer.alloc(info.size);
    return bytes.subarray(0, readSync(fd, bytes, 0, info.size, 0)).toString('utf8');
  } finally {
    closeSync(fd);
  }
}

/** The first of these paths that exists in the root file system as a file. */
export function firstExisting(root: string, paths: readonly string[]): string | null {
  for (const path of paths) {
    const fd = openInRoot(root, path.slice(1), 'look');
    if (fd === null) continue;
    const isFile = fstatSync(fd).isFile();
    closeSync(fd);
    if (isFile) return path;
  }
  return null;
}
