/**
 * One process owns the engine of a home. The lock is SQLite's exclusive file lock on `lock.db`: the kernel drops it
 * however the owner ends, so there is no stale lock to remove by hand, and no pid to mistake for another process.
 */
import { DatabaseSync } from 'node:sqlite';
import { GuesthouseError } from '../contract/errors.ts';
import { accessSync, truncateSync } from './lean.ts';

/** https://sqlite.org/rescode.html */
const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

const W_OK = 2;

export interface Lock {
  release(): void;
}

/**
 * Takes the lock, or answers null when another process has it. Nothing is ever written to the file, so a full disk
 * does not keep anybody from stopping a guest (with a journal on the disk SQLite would write one). Throws `denied`.
 */
export function tryLock(path: string): Lock | null {
  try {
    return locked(path);
  } catch (error) {
    const { errcode, message } = error as Error & { errcode?: number };
    if (errcode === SQLITE_BUSY || errcode === SQLITE_LOCKED) return null;
    if (errcode === SQLITE_NOTADB || errcode === SQLITE_CORRUPT) {
      // Its content means nothing. The file itself stays, for somebody may hold its lock.
      truncateSync(path);
      return locked(path);
    }
    const home = path.slice(0, path.lastIndexOf('/'));
    throw new GuesthouseError({
      code: 'denied',
      message: `Guesthouse cannot use ${home}.`,
      subject: path,
      cause: whyNot(home) ?? whyNot(path) ?? message,
      hint: 'Check that you may write into that folder and that its disk is not full, or set GUESTHOUSE_HOME to a folder of your own.',
    });
  }
}

/** SQLite says no more than that it could not. */
function whyNot(path: string): string | null {
  try {
    accessSync(path, W_OK);
    return null;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EROFS') return `${path} is on a file system that is mounted read-only.`;
    return code === 'EACCES' ? `User ${process.getuid?.()} has no permission to write to ${path}.` : message;
  }
}

function locked(path: string): Lock {
  const db = new DatabaseSync(path);
  try {
    db.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE;');
    db.exec('BEGIN EXCLUSIVE');
    return { release: () => db.close() };
  } catch (error) {
    db.close();
    throw error;
  }
}
