/** Layers and images that were on their way when that was cut. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Turns } from './turns.ts';

/** What a pull that was cut left is kept for this long (ms). */
const PARTIAL_MAX_AGE_MS = 24 * 3600_000;

/** Removes what no pull has touched for a day. */
export async function sweepPartials(folder: string, turns: Turns, now = Date.now()): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const info = await stat(path).catch(() => null);
    if (info && now - info.mtimeMs > PARTIAL_MAX_AGE_MS && !turns.isTaken(name)) await rm(path, { force: true });
  }
}
