/**
 * A container's root: an overlay of the image's layers (read-only) and the guest's own folder, mounted inside the
 * house only. Where the home's own name is odd or long, or layers are many, paths in the mount options are relative to
 * it, so they are short (the kernel takes one page of options) and hold only names of ours.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import { GuesthouseError } from '../../contract/errors.ts';
import { privateFolder } from '../../host/files.ts';
import { guestFolder, type Paths } from '../../host/paths.ts';
import { cleanEnv, run } from '../../host/process.ts';
import type { House } from '../../networks/house.ts';

/** One page, minus what the kernel itself adds. */
const MAX_OPTIONS_BYTES = 4000;
const MOUNT_TIMEOUT_MS = 20_000;
/** Nothing in such a home's name means something in mount options, and a few paths below it are far from a page. */
const PLAIN_PATH = /^[\w./-]{1,200}$/;
const FEW_LAYERS = 8;

export interface RootfsFolders {
  /** What the guest wrote. */
  readonly upper: string;
  readonly work: string;
  /** Where it is mounted (inside the house; an empty folder for everybody else). */
  readonly merged: string;
}

export function rootfsFolders(paths: Paths, guestId: string): RootfsFolders {
  const folder = guestFolder(paths, guestId);
  return { upper: join(folder, 'upper'), work: join(folder, 'work'), merged: join(folder, 'rootfs') };
}

/** The root folder itself is the guest's to read: its programs may run as anybody. */
export async function makeRootfsFolders(paths: Paths, guestId: string): Promise<void> {
  await privateFolder(guestFolder(paths, guestId));
  const { upper, work, merged } = rootfsFolders(paths, guestId);
  for (const folder of [upper, work, merged]) await mkdir(folder, { recursive: true, mode: 0o755 });
}

/**
 * `from`: the folder the names are relative to. `layers`: topmost first. Throws `unsupported` when there are more layers
 * than the kernel takes.
 */
export function overlayOptions(
  from: string,
  layers: readonly string[],
  folders: RootfsFolders,
  rootless: boolean,
): string {
  const name = (path: string) => {
    const short = relative(from, path);
    return (short === '' || short.startsWith('..') || isAbsolute(short) ? path : short).replace(/[\\:,]/g, '\\$&');
  };
  const options = [
    `lowerdir=${layers.map(name).join(':')}`,
    `upperdir=${name(folders.upper)}`,
    `workdir=${name(folders.work)}`,
    // In a user namespace overlayfs may only keep its notes in user.* attributes.
    ...(rootless ? ['userxattr'] : []),
  ].join(',');
  if (Buffer.byteLength(options) > MAX_OPTIONS_BYTES) {
    throw new GuesthouseError({
      code: 'unsupported',
      message: 'The image has more layers than can be mounted at once.',
      cause: `${layers.length} layers`,
    });
  }
  return options;
}

export async function mountRootfs(
  house: House,
  paths: Paths,
  guestId: string,
  layers: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const folders = rootfsFolders(paths, guestId);
  const rootless = process.getuid?.() !== 0;
  const isPlain = PLAIN_PATH.test(paths.home) && layers.length <= FEW_LAYERS;
  const from = isPlain ? '/' : paths.home;
  const options = overlayOptions(from, layers, folders, rootless);
  // As root, and where paths are not relative to somewhere else, without a program; what is refused it explains.
  if (from === '/' && (await house.mount(folders.merged, options))) return folders.merged;
  signal.throwIfAborted();
  // Newer mount programs pass each option by itself, and the kernel takes 255 bytes that way: the old call takes a page.
  const env = cleanEnv({ LIBMOUNT_FORCE_MOUNT2: 'always' });
  // The house begins in its root folder: where that will do, one program less is started.
  const at = from === '/' ? [] : ['env', '-C', from];
  const command = [...at, 'mount', '-t', 'overlay', '-o', options, 'overlay', folders.merged];
  await run(command, { inside: house.inside({ network: false }), signal, timeoutMs: MOUNT_TIMEOUT_MS, env });
  return folders.merged;
}

/** Idempotent: nothing is started when nothing is mounted. */
export async function unmountRootfs(house: House, paths: Paths, guestId: string): Promise<void> {
  const { merged } = rootfsFolders(paths, guestId);
  // A crash between two mounts can leave two on top of each other.
  for (let depth = await mountDepth(house, merged); depth > 0; depth--) {
    if (await house.mount(merged, null)) continue;
    const options = { inside: house.inside({ network: false }), timeoutMs: MOUNT_TIMEOUT_MS };
    await run(['umount', '--', merged], options).catch(() => run(['umount', '-l', '--', merged], options));
  }
}

async function mountDepth(house: House, path: string): Promise<number> {
  if (house.pid === null) return 0;
  const escaped = path.replace(/[\\ \t\n]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`);
  const text = await readFile(`/proc/${house.pid}/mountinfo`, 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line.split(' ')[4] === escaped).length;
}

/** Removes the guest's layer. Its files may belong to ids only the house has, so it is done inside. */
export async function removeRootfs(house: House, paths: Paths, guestId: string): Promise<void> {
  const { upper, work, merged } = rootfsFolders(paths, guestId);
  const command = ['rm', '-rf', '--one-file-system', '--', upper, work, merged];
  await run(command, { inside: house.inside({ network: false }), timeoutMs: 10 * MOUNT_TIMEOUT_MS });
}
