/** Whether a home has a keeper (see keeper.ts): a lock says so. */
import { join } from 'node:path';
import { type Lock, tryLock } from '../engine/host/lock.ts';
import type { Paths } from '../engine/host/paths.ts';

/** There is one at most: whoever has this lock is it, from its start to its end. null: another is. */
export function becomeKeeper(paths: Paths): Lock | null {
  return tryLock(join(paths.run, 'keeper.lock'));
}

export function hasKeeper(paths: Paths): boolean {
  const lock = becomeKeeper(paths);
  lock?.release();
  return lock === null;
}
