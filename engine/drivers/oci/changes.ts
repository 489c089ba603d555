/** What differs from the image: the upper folder of the overlay against the layers below it. */
import { posix } from 'node:path';
import type { FileChange } from '../../contract/files.ts';
import { namesBelow, pathsIn } from '../../guest-files/list.ts';
import type { DriverContext, GuestRecord } from '../driver.ts';
import { openRoot } from './files/root.ts';
import type { Toolbox } from './files/toolbox.ts';
import { rootfsFolders } from './rootfs.ts';
import { comparePaths, type UpperEntry, walkUpper } from './upper.ts';

/** Made by the runtime to mount something on. */
const OURS = ['/proc', '/dev', '/sys', '/etc/hosts', '/etc/hostname', '/etc/resolv.conf'];

export async function changesOf(
  { house, images, paths }: DriverContext,
  toolbox: Toolbox,
  guest: GuestRecord,
): Promise<FileChange[]> {
  const entries = await walkUpper(house, rootfsFolders(paths, guest.id).upper);
  const { layers } = await images.rootfs(guest.imageId ?? '');
  const inImage = new Set<string>();
  const hidden: string[] = [];
  let asked = entries.filter(({ kind }) => kind !== 'whiteout').map(({ path }) => path);
  const opaque = entries.filter((entry) => entry.opaque).map(({ path }) => path);
  for (const layer of layers) {
    const root = openRoot(house, toolbox, layer);
    try {
      const found = await pathsIn(root, asked);
      for (const { path, kind } of found) if (kind !== 'device') inImage.add(path);
      for (const folder of opaque) hidden.push(...(await namesBelow(root, folder)));
      // A device is the mark of a layer that removed the file: what lower layers have there is not of the image.
      const settled = new Set(found.map(({ path }) => path));
      asked = asked.filter((path) => !settled.has(path));
    } finally {
      root.close();
    }
  }
  const mounted = [...guest.spec.mounts, ...guest.spec.tmpfs].map(({ target }) => target);
  return fileChanges(entries, inImage, hidden, [...OURS, ...mounted]);
}

/**
 * `inImage`: which of the entries' paths the image has. `hidden`: what it has in folders that were replaced as a whole.
 * `places`: where something is mounted; what was made for that is no change of the guest's. Pure.
 */
export function fileChanges(
  entries: readonly UpperEntry[],
  inImage: ReadonlySet<string>,
  hidden: readonly string[],
  places: readonly string[],
): FileChange[] {
  const present = new Set(entries.map(({ path }) => path));
  const isPlace = (entry: UpperEntry) =>
    (entry.kind === 'folder' || entry.sizeBytes === 0) &&
    entry.kind !== 'whiteout' &&
    places.some((place) => place === `/${entry.path}` || place.startsWith(`/${entry.path}/`));
  const kept = new Set<string>();
  const keep = (path: string) => {
    for (let at = path; at !== '.' && !kept.has(at); at = posix.dirname(at)) kept.add(at);
  };
  const removed = [...new Set(hidden)].filter((path) => !present.has(path));
  for (const entry of entries) if (!isPlace(entry)) keep(entry.path);
  for (const path of removed) keep(path);
  const changes = entries
    .filter(({ path }) => kept.has(path))
    .map(({ path, kind }): FileChange => {
      const change = kind === 'whiteout' ? 'removed' : inImage.has(path) ? 'changed' : 'added';
      return { path: `/${path}`, change };
    });
  for (const path of removed) changes.push({ path: `/${path}`, change: 'removed' });
  return changes.sort((a, b) => comparePaths(a.path, b.path));
}
