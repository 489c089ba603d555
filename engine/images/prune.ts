/** What goes with a prune, and what that frees. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isBuilding } from './containerfile/build.ts';
import type { Turns } from './fetch/turns.ts';
import type { Inside } from './inside.ts';
import type { Layers } from './layers.ts';
import { isDisplaced } from './naming.ts';
import { type Folders, type ImageRecord, idHex } from './records.ts';

export interface PrunePlan {
  readonly images: readonly ImageRecord[];
  /** Paths of blobs that pulls left. */
  readonly partials: readonly string[];
  /** What buildah keeps of earlier builds. */
  readonly builds: boolean;
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
  readonly keepNamed: boolean;
}): Promise<PrunePlan> {
  const { keepNamed, records, usersOf, folders, layers, inside, turns } = store;
  const images = records.filter((record) => usersOf(record.id).length === 0 && (!keepNamed || isDisplaced(record)));
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
  const builds = !keepNamed && !isBuilding(folders.builds) && (await readdir(folders.builds)).length > 0;
  if (builds) {
    await inside.ensure();
    freedBytes += await inside.diskUse(folders.builds).catch(() => 0);
  }
  const pulls = paths.length === 1 ? 'a pull that was cut' : `${paths.length} pulls that were cut`;
  const removed = [
    ...images.map(({ names: [first] }) => first as string),
    ...(paths.length > 0 ? [`what is left of ${pulls}`] : []),
    ...(builds ? ['what is kept of builds'] : []),
  ];
  return { images, partials: paths, builds, freedBytes, removed };
}

async function blocksOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => null);
  return (found?.blocks ?? 0) * 512;
}
