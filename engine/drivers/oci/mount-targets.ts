/**
 * Where mounts go in a container's root, without links: links of an image lead anywhere, also to what is not there, which
 * crun refuses, and also past what another runtime checked (CVE-2021-30465). So no link is left for a runtime to follow.
 */
import { closeSync, readlinkSync } from 'node:fs';
import { posix } from 'node:path';
import { GuesthouseError } from '../../contract/errors.ts';
import { openInRoot } from './syscalls.ts';
import { lookUp } from './working-folder.ts';

/** As many as the kernel follows (path_resolution(7)). */
const MAX_LINKS = 40;
/** Fresh at every start, so nothing of the image is seen there. */
const FRESH = ['/proc', '/dev', '/sys'];

/**
 * The same mounts in the same order, each at the place its destination means in the root. What lies in an earlier one of them
 * is left as it is from there on: what the image has below is covered. Throws `bad-data` for links that go round in circles.
 */
export function resolveTargets<T extends { readonly destination: string }>(root: string, mounts: readonly T[]): T[] {
  const done: { readonly path: string; readonly place: string }[] = [];
  return mounts.map((mount) => {
    const asked = posix.normalize(mount.destination);
    if (FRESH.some((folder) => isBelow(asked, folder))) return mount;
    const above = done.findLast(({ path }) => isBelow(asked, path));
    const place = above ? above.place + asked.slice(above.path.length) : placeOf(root, asked);
    done.push({ path: asked, place }, { path: place, place });
    return { ...mount, destination: place };
  });
}

const isBelow = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`);

/** What a path means with `root` as the only root there is, be it there or not. */
function placeOf(root: string, path: string): string {
  const found = lookUp(root, path.slice(1));
  if (found) return found.path;
  const left = path.split('/').filter(Boolean);
  let place = '/';
  for (let links = 0, name = left.shift(); name !== undefined; name = left.shift()) {
    if (name === '..') {
      place = posix.dirname(place);
      continue;
    }
    const target = linkText(root, place, name);
    if (target === null) {
      place = posix.join(place, name);
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) {
      throw new GuesthouseError({
        code: 'bad-data',
        message: `Nothing can be mounted at ${path}: links of the image go round in circles there.`,
        subject: path,
        hint: 'Choose another place in the guest.',
      });
    }
    if (target.startsWith('/')) place = '/';
    left.unshift(...target.split('/').filter((part) => part !== '' && part !== '.'));
  }
  return place;
}

/** Where a link leads; null: there is none of that name. `folder` has no links. */
function linkText(root: string, folder: string, name: string): string | null {
  const fd = openInRoot(root, folder === '/' ? '.' : folder.slice(1), 'look');
  if (fd === null) return null;
  try {
    return readlinkSync(`/proc/self/fd/${fd}/${name}`);
  } catch {
    return null;
  } finally {
    closeSync(fd);
  }
}
