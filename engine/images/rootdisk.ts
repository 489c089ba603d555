/** A rootfs as a machine's disk: one ext4 file system without a partition table, in a sparse raw file. */
import { mkdir, open, rename, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GuesthouseError } from '../contract/errors.ts';
import { syncFolder } from '../host/files.ts';
import { run } from '../host/process.ts';
import type { Workshop } from './made.ts';

/** Size the guest sees when nobody asks for another. The file is sparse, so this costs nothing on the host. */
export const ROOT_DISK_BYTES = 8 * 1024 ** 3;
const MAKE_TIMEOUT_MS = 20 * 60_000;

/** `trees`: bottom first. `bytes`: what the guest sees. The disk appears at `target` whole or not at all. */
export async function makeRootDisk(
  trees: readonly string[],
  target: string,
  bytes: number,
  workshop: Workshop,
): Promise<void> {
  const { work, inside, operation } = workshop;
  const { signal } = operation;
  const disk = join(work, 'disk.raw');
  const merged = join(work, 'merged');
  operation.progress({ step: 'Making a disk of the image', fraction: null });

  let source = trees[0] as string;
  if (trees.length > 1) {
    await mkdir(merged, { mode: 0o700 });
    // Short names: the options of a mount must fit into one page.
    for (const [at, tree] of trees.entries()) await symlink(tree, join(work, `l${at}`));
    await run([...inside.prefix(), ...overlayArgv(work, trees.length, merged, inside.rootless)], { signal });
    source = merged;
  }
  try {
    await makeHole(disk, bytes);
    await makeFileSystem(source, disk, workshop);
  } finally {
    if (trees.length > 1) await run([...inside.prefix(), 'umount', '--', merged]);
  }
  const file = await open(disk, 'r');
  await file.sync();
  await file.close();
  await rename(disk, target);
  await syncFolder(dirname(target));
}

/** A file of nothing but a hole. Throws `resources` when the host's file system has no files of that size. */
async function makeHole(path: string, bytes: number): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.truncate(bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EFBIG') throw error;
    throw new GuesthouseError({
      code: 'resources',
      message: `A disk of ${bytes / 1024 ** 3} GiB is too large for the host's file system.`,
      cause: 'It does not keep so much in one file.',
      hint: 'Ask for a smaller disk (ext4 keeps less than 16384 GiB in a file).',
    });
  } finally {
    await file.close();
  }
}

function overlayArgv(work: string, layers: number, merged: string, rootless: boolean): readonly string[] {
  const lower = Array.from({ length: layers }, (_, at) => `l${layers - 1 - at}`).join(':');
  const options = `lowerdir=${lower},ro${rootless ? ',userxattr' : ''}`;
  return ['env', `--chdir=${work}`, 'mount', '-t', 'overlay', 'overlay', '-o', options, merged];
}

async function makeFileSystem(source: string, disk: string, { inside, operation }: Workshop): Promise<void> {
  const make = (extended: string) =>
    run([...inside.prefix(), ...mke2fsArgv(source, disk, extended)], {
      signal: operation.signal,
      timeoutMs: MAKE_TIMEOUT_MS,
    });
  try {
    // The file is all holes, so nothing needs zeroing: not now, and not by the guest's kernel in the background.
    await make('assume_storage_prezeroed=1,lazy_journal_init=1,root_owner=0:0');
  } catch (error) {
    // e2fsprogs before 1.47 does not know that word.
    if (!/extended option|Bad option/i.test(String((error as Error).cause))) throw error;
    await make('lazy_itable_init=1,lazy_journal_init=1,root_owner=0:0');
  }
}

/** A small journal: a machine that is killed must find its files whole. */
function mke2fsArgv(source: string, disk: string, extended: string): readonly string[] {
  return [
    'mke2fs',
    '-q',
    '-F',
    '-t',
    'ext4',
    '-d',
    source,
    '-E',
    extended,
    '-J',
    'size=16',
    '-m',
    '0',
    '-L',
    'root',
    disk,
  ];
}
