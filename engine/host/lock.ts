/**
 * One process owns the engine of a home. The lock is SQLite's exclusive file lock on `lock.db`: the kernel drops it
 * however the owner ends, so there is no stale lock to remove by hand, and no pid to mistake for another process.
 */
import { DatabaseSync } from 'node:sqlite';

export interface Lock {
  release(): void;
}

/** Takes the lock, or answers null when another process has it. */
export function tryLock(path: string): Lock | null {
  const db = new DatabaseSync(path);
  try {
    db.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE; PRAGMA locking_mode = EXCLUSIVE;');
    db.exec('BEGIN EXCLUSIVE');
    return { release: () => db.close() };
  } catch (error) {
    db.close();
    if (/locked|busy/i.test((error as Error).message)) return null;
    throw error;
  }
}
