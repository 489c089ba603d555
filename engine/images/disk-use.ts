/** What the image store takes on the disk: layers, files, disks made of images, and what is kept for later. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Paths } from '../host/paths.ts';
import type { Inside } from './inside.ts';
import { PACKAGES_FOLDER } from './made.ts';
import type { Folders } from './records.ts';

/** `leftBytes`: what only saves time, and a prune of it gives back: cut pulls, earlier builds, packages that builders fetched. Layers that images share count once. */
export async function measureStore({
  paths,
  folders,
  inside,
}: {
  readonly paths: Paths;
  readonly folders: Folders;
  readonly inside: Inside;
}): Promise<{ imagesBytes: number; leftBytes: number }> {
  await inside.ensure();
  const packages = join(paths.cache, PACKAGES_FOLDER);
  const left = [folders.partials, folders.builds, packages];
  // Kernels of machines are kept there too.
  const kept = (await readdir(paths.cache)).map((name) => join(paths.cache, name));
  const needed = [...Object.values(folders), ...kept].filter((folder) => !left.includes(folder));
  const bytes = await inside.diskUses([...needed, ...left]);
  const sum = (some: readonly number[]) => some.reduce((total, one) => total + one, 0);
  return { imagesBytes: sum(bytes.slice(0, needed.length)), leftBytes: sum(bytes.slice(needed.length)) };
}
