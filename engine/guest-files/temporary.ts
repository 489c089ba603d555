/** Names below which something is made in a guest before it is put in place: nobody can guess them, and what a killed engine left under one is swept away. */
import { randomBytes } from 'node:crypto';
import { below } from './paths.ts';
import type { GuestTools } from './tools.ts';

const MARK = '.guesthouse-';
const STALE = `${MARK}${'?'.repeat(16)}`;
const REMOVE_TIMEOUT_MS = 24 * 60 * 60_000;
/** Names in use by this engine; there is one engine per home. */
const live = new Set<string>();

export interface Temporary {
  /** Nothing is there yet. */
  readonly path: string;
  /** Takes away what was made there; never fails. */
  end(): Promise<void>;
}

/** A new name in a folder of the guest. */
export function temporaryIn(root: GuestTools, folder: string): Temporary {
  const name = `${MARK}${randomBytes(8).toString('hex')}`;
  const path = below(folder, name);
  live.add(name);
  return {
    path,
    async end() {
      await root.text(['rm', '-rf', path], { timeoutMs: REMOVE_TIMEOUT_MS }).catch(() => {});
      live.delete(name);
    },
  };
}

/** Takes away what an engine that was killed left in a folder. Throws what `find` fails with. */
export async function sweep(root: GuestTools, folder: string): Promise<void> {
  const find = ['find', below(folder, ''), '-mindepth', '1', '-maxdepth', '1', '-name', STALE, '-print0'];
  const stale = (await root.text(find))
    .toString('utf8')
    .split('\0')
    .filter((path) => path !== '' && !live.has(path.slice(path.lastIndexOf('/') + 1)));
  if (stale.length > 0) await root.text(['rm', '-rf', ...stale], { timeoutMs: REMOVE_TIMEOUT_MS });
}
