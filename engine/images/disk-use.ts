/** What the image store takes on the disk: layers, files, disks made of images, and what is kept for later. */
import type { Paths } from '../host/paths.ts';
import type { Inside } from './inside.ts';
import type { Folders } from './records.ts';

/** `leftBytes`: cut pulls, earlier builds, and the cache of what builders fetched. Layers that images share count once. */
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
  const left = [folders.partials, folders.builds, paths.cache];
  const needed = Object.values(folders).filter((folder) => !left.includes(folder));
  const bytes = await inside.diskUses([...needed, ...left]);
  const sum = (some: readonly number[]) => some.reduce((total, one) => total + one, 0);
  return { imagesBytes: sum(bytes.slice(0, needed.length)), leftBytes: sum(bytes.slice(needed.length)) };
}
