/** What goes with a prune, and what that frees. */
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isBuilding } from './containerfile/build.ts';
import type { Turns } from './fetch/turns.ts';
import type { Inside } from './inside.ts';
import type { Layers } from './layers.ts';
import { PACKAGES_FOLDER } from './made.ts';
import { isDisplaced } from './naming.ts';
import { type Folders, type ImageRecord, idHex } from './records.ts';

/**
 * `unused`: images that no guest uses, cut pulls and what builds left. `nameless`: of images only those that lost their name
 * to another, and cut pulls. `left`: no image at all, but whatever only saves time.
 */
export type PruneWhat = 'unused' | 'nameless' | 'left';

export interface PrunePlan {
  readonly images: readonly ImageRecord[];
  /** Paths of blobs that pulls left. */
  readonly partials: readonly string[];
  /** Folders that go: what buildah keeps of earlier builds, fetched packages. */
  readonly trees: readonly string[];
  readonly freedBytes: number;
  /** All of it, as a person calls it. */
  readonly removed: readonly string[];
}

/** Looks at the disk itself. Blobs of pulls that go on now are not touched. */
export async function planPrune(store: {
  readonly records: readonly ImageRecord[];
  readonly usersOf: (id: string) => readonly string[];
  readonly folders: Folders;
  readonly layers: Layers;
  readonly inside: Inside;
  readonly turns: Turns;
  readonly what: PruneWhat;
  /** Where builders keep what they fetched; null: one is at work. */
  readonly cache: string | null;
}): Promise<PrunePlan> {
  const { what, cache, records, usersOf, folders, layers, inside, turns } = store;
  const images = records.filter(
    (record) => usersOf(record.id).length === 0 && what !== 'left' && (what === 'unused' || isDisplaced(record)),
  );
  const kept = new Set(records.filter((record) => !images.includes(record)).flatMap((record) => record.layers));
  const going = [...new Set(images.flatMap((record) => record.layers))].filter((diffId) => !kept.has(diffId));
  let freedBytes = 0;
  if (going.length > 0) await inside.ensure();
  for (const diffId of going) freedBytes += await inside.diskUse(layers.tree(diffId)).catch(() => 0);

  const hexes = new Set(images.map(({ id }) => idHex(id)));
  for (const folder of [folders.files, folders.rootDisks])
    for (const name of await readdir(folder))
      if (hexes.has(name.slice(0, 64))) freedBytes += await blocksOf(join(folder, name));

  const partials = (await readdir(folders.partials)).filter((name) => !turns.isTaken(name));
  const paths = partials.map((name) => join(folders.partials, name));
  for (const path of paths) freedBytes += await blocksOf(path);
  const builds = what !== 'nameless' && !isBuilding(folders.builds) && (await readdir(folders.builds)).length > 0;
  const packages = what === 'left' && cache !== null ? join(cache, PACKAGES_FOLDER) : null;
  const fetched = packages !== null && existsSync(packages);
  const trees = [...(builds ? [folders.builds] : []), ...(fetched ? [packages] : [])];
  if (trees.length > 0) {
    await inside.ensure();
    for (const bytes of await inside.diskUses(trees).catch(() => [])) freedBytes += bytes;
  }
  const pulls = paths.length === 1 ? 'a pull that was cut' : `${paths.length} pulls that were cut`;
  const removed = [
    ...images.map(({ names: [first] }) => first as string),
    ...(paths.length > 0 ? [`what is left of ${pulls}`] : []),
    ...(builds ? ['what is kept of builds'] : []),
    ...(fetched ? ['packages fetched for images built here'] : []),
  ];
  return { images, partials: paths, trees, freedBytes, removed };
}

async function blocksOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => null);
  return (found?.blocks ?? 0) * 512;
}
