/**
 * Tools for a container whose image has none: our busybox with a link for each of its tools, put into the container's
 * /dev. That is a file system in memory which the runtime makes for each run, so nothing is written to the root (which
 * may be read-only), no change of the guest's is told of it, and it goes with the run.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { GuesthouseError } from '../../../contract/errors.ts';
import { plainHeader } from '../../../guest-files/archive.ts';
import { isThere } from '../../../guest-files/change.ts';
import { BLOCK_BYTES } from '../../../images/archive/tar-reader.ts';
import type { GuestRoot } from './root.ts';
import type { Toolbox } from './toolbox.ts';

const FOLDER = '/dev/.guesthouse';
/** Where the tools are in the container. */
export const BORROWED_PATH = `${FOLDER}/bin`;
export const BORROWED_SHELL = `${BORROWED_PATH}/sh`;
/** What `stat -f` calls a file system in memory (TMPFS_MAGIC). */
const TMPFS = '1021994';

/** Puts them there unless they are. Throws `unsupported` where /dev is not the container's own. */
export async function lendTools(root: GuestRoot, toolbox: Toolbox): Promise<void> {
  const kind = (await root.text(['stat', '-f', '-c', '%t', '/dev'])).toString('latin1').trim();
  if (kind !== TMPFS) {
    throw new GuesthouseError({
      code: 'unsupported',
      message: 'Tools cannot be lent to this container: its /dev is not its own.',
      subject: 'shell',
    });
  }
  if (await isThere(root, BORROWED_SHELL)) return;
  const temporary = `${FOLDER}-${randomBytes(8).toString('hex')}`;
  try {
    await root.text(['mkdir', '-m', '755', temporary]);
    await root.text(['tar', '-x', '-f', '-', '--numeric-owner', '-C', temporary], { input: toolsTar(toolbox) });
    await root.text(['rm', '-rf', FOLDER]);
    await root.text(['mv', '-T', temporary, FOLDER]);
  } catch (error) {
    await root.text(['rm', '-rf', temporary]).catch(() => {});
    // Somebody else lent them in the same moment.
    if (!(await isThere(root, BORROWED_SHELL))) throw error;
  }
}

async function* toolsTar(toolbox: Toolbox): AsyncGenerator<Uint8Array> {
  const own = { linkName: '', sizeBytes: 0, mode: 0o755, uid: 0, gid: 0, mtime: 0 };
  const binary = await readFile(toolbox.path);
  yield plainHeader({ ...own, name: 'bin/', type: 'folder' });
  yield plainHeader({ ...own, name: 'bin/busybox', type: 'file', sizeBytes: binary.length });
  yield binary;
  yield Buffer.alloc((BLOCK_BYTES - (binary.length % BLOCK_BYTES)) % BLOCK_BYTES);
  const names = new Set(toolbox.applets.map((path) => basename(path)));
  for (const name of names) {
    if (name !== 'busybox') yield plainHeader({ ...own, name: `bin/${name}`, type: 'symlink', linkName: 'busybox' });
  }
  yield Buffer.alloc(2 * BLOCK_BYTES);
}
