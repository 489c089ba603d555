/**
 * How a program is run that reads what a stranger wrote: no network, no capability, bounded, and where the engine is
 * root as a user that exists for this one act. What it may use it gets opened, as descriptors 3, 4 and so on, and names
 * them `/proc/self/fd/N`. See decisions/0017-disks-and-machines-of-others.md.
 */
import { randomBytes } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { confinementArgv, type OwnUser, ownUid } from '../../host/least-privilege.ts';
import { findProgram } from '../../host/tools.ts';
import type { Inside } from '../inside.ts';

/** Address space (bytes): qemu-img and its threads need about 1 GiB of it for the largest tables. */
const MAX_ADDRESS_BYTES = 4 * 1024 ** 3;
const MAX_FILES = 1024;

export interface Confined {
  /** Words before the program's own. */
  readonly prefix: readonly string[];
}

/** `reads`: files it is handed to read. `writes`: one that it is to fill, given to its user. */
export async function confined(
  inside: Inside,
  files: { readonly reads: readonly FileHandle[]; readonly writes: FileHandle | null; readonly maxFileBytes: number },
): Promise<Confined> {
  await inside.ensure();
  const uid = inside.rootless ? null : ownUid(randomBytes(6).toString('hex'));
  let own: OwnUser | null = null;
  if (uid !== null) {
    await files.writes?.chown(uid, uid);
    const modes = await Promise.all(files.reads.map((file) => file.stat()));
    // A descriptor is opened anew by its name, and then it is judged by its mode.
    const isClosed = modes.some(({ mode }) => (mode & 0o004) === 0);
    own = { uid, groups: [], ...(isClosed ? { keeps: 'dac_read_search' as const } : {}) };
  }
  return { prefix: confinedArgv(inside.prefix(), findProgram('setpriv'), own, files.maxFileBytes) };
}

export function confinedArgv(
  house: readonly string[],
  setpriv: string | null,
  own: OwnUser | null,
  maxFileBytes: number,
): string[] {
  return [
    ...house,
    'unshare',
    '--net',
    '--ipc',
    '--',
    'prlimit',
    `--as=${MAX_ADDRESS_BYTES}`,
    `--fsize=${Math.max(0, Math.floor(maxFileBytes))}`,
    `--nofile=${MAX_FILES}`,
    '--core=0',
    '--',
    ...(setpriv === null ? [] : [...confinementArgv(setpriv, own), '--']),
  ];
}
