/** How much a folder really takes on the disk. */
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes in blocks, sparse files counted as they are; what may not be looked into is left out. */
export async function diskUse(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  let total = 0;
  for (const entry of entries) {
    const path = join(folder, entry.name);
    const info = await lstat(path).catch(() => null);
    total += (info?.blocks ?? 0) * 512;
    if (entry.isDirectory()) total += await diskUse(path);
  }
  return total;
}
