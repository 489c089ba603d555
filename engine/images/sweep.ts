/** Clearing away what no image's record speaks of. */
import { readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../host/log.ts';
import { run } from '../host/process.ts';
import type { Inside } from './inside.ts';
import type { Layers } from './layers.ts';
import { type Folders, type ImageRecord, idHex, type UnreadableRecord } from './records.ts';

/** Work folders of acts that did not live to tidy up. Only at start, when nobody else can be at work. */
export async function sweepWork({
  folders,
  inside,
  log,
}: {
  folders: Folders;
  inside: Inside;
  log: Log;
}): Promise<void> {
  for (const name of await readdir(folders.work)) {
    const folder = join(folders.work, name);
    try {
      await inside.ensure();
      await run([...inside.prefix(), 'umount', '-l', '--', join(folder, 'merged')], { okCodes: [0, 1, 32] });
      await inside.removeTree(folder);
      log.info('removed a half-made image', { folder });
    } catch (error) {
      log.warn('a half-made image could not be removed', { folder, error });
    }
  }
}

/** Usually only empty folders of ours are left, and no program need be started for those. */
export async function removeWork(work: string, inside: Inside): Promise<void> {
  try {
    for (const name of await readdir(work)) await rmdir(join(work, name));
    await rmdir(work);
  } catch {
    await inside.removeTree(work);
  }
}

export async function collectRubbish(store: {
  folders: Folders;
  records: readonly ImageRecord[];
  unreadable: readonly UnreadableRecord[];
  layers: Layers;
  log: Log;
}): Promise<void> {
  const { folders, records, unreadable, layers, log } = store;
  const needed = new Set(records.flatMap((record) => record.layers));
  for (const diffId of await layers.list()) {
    // What an unreadable record names is not known, so any layer may be its.
    if (needed.has(diffId) || unreadable.length > 0) continue;
    log.info('removing a layer no image needs', { diffId });
    await layers.remove(diffId);
  }
  const images = new Set([...records.map((record) => idHex(record.id)), ...unreadable.map(({ hex }) => hex)]);
  for (const folder of [folders.files, folders.rootDisks])
    for (const name of await readdir(folder))
      if (!images.has(name.slice(0, 64))) await rm(join(folder, name), { force: true });
}
