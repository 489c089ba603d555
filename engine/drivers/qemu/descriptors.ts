/**
 * Files that QEMU gets opened: it may not be able to reach them itself, and what is not there or not ours to read is
 * told before QEMU starts, by name. QEMU's side: `-add-fd` (qemu-options) and `/dev/fdset/N`.
 */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { GuesthouseError } from '../../contract/errors.ts';

/** Descriptors of a child after standard input, output and error. */
const FIRST_FD = 3;

export type Access = 'read' | 'write' | 'append';

export interface Descriptors {
  /** Our numbers, in the order of QEMU's from 3 on. */
  readonly fds: readonly number[];
  /** Path by number of QEMU's set: `/dev/fdset/N`. */
  readonly sets: ReadonlyMap<number, string>;
  /** Opens one; answers the name by which QEMU opens it, any number of times. */
  add(path: string, access: Access): Promise<string>;
  /** The same for a file that is open already. */
  give(file: FileHandle, path: string): string;
  /**
   * For what QEMU reads with plain functions: a name that opens the same file again. `forOthers`: QEMU's user is not
   * ours, so everybody may read the file from now on (who can enter the folders above it, that is: we).
   */
  addPlain(path: string, forOthers: boolean): Promise<string>;
  /** For what QEMU reads once, from its beginning: the descriptor's number there. */
  addNumber(path: string): Promise<number>;
  close(): Promise<void>;
}

const FLAGS: Readonly<Record<Access, number>> = {
  read: constants.O_RDONLY,
  write: constants.O_RDWR,
  append: constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT,
};

/** Opens a file for QEMU. Throws `not-found`, `denied` or `resources`, by name. */
export function openForQemu(path: string, access: Access): Promise<FileHandle> {
  return open(path, FLAGS[access], 0o600).catch((error) => Promise.reject(unreadable(path, error)));
}

export function openDescriptors(): Descriptors {
  const files: FileHandle[] = [];
  const sets = new Map<number, string>();
  const take = async (path: string, access: Access): Promise<number> => {
    files.push(await openForQemu(path, access));
    return FIRST_FD + files.length - 1;
  };
  return {
    get fds() {
      return files.map(({ fd }) => fd);
    },
    sets,
    async add(path, access) {
      const set = (await take(path, access)) - FIRST_FD + 1;
      sets.set(set, path);
      return `/dev/fdset/${set}`;
    },
    give(file, path) {
      files.push(file);
      sets.set(files.length, path);
      return `/dev/fdset/${files.length}`;
    },
    async addPlain(path, forOthers) {
      const fd = await take(path, 'read');
      const file = files.at(-1) as FileHandle;
      const { mode } = await file.stat();
      if (forOthers && (mode & 0o004) === 0) await file.chmod((mode & 0o7777) | 0o004);
      return `/proc/self/fd/${fd}`;
    },
    addNumber: (path) => take(path, 'read'),
    async close() {
      await Promise.all(files.splice(0).map((file) => file.close()));
    },
  };
}

function unreadable(path: string, error: NodeJS.ErrnoException): GuesthouseError {
  const missing = error.code === 'ENOENT';
  const code = missing ? 'not-found' : error.code === 'EACCES' || error.code === 'EPERM' ? 'denied' : 'resources';
  return new GuesthouseError({
    code,
    message: missing ? 'A file of the machine is not there.' : 'A file of the machine cannot be opened.',
    subject: path,
    cause: error.message,
    hint: missing ? 'Put it back, or create the guest anew.' : 'Look at who may read it.',
  });
}
