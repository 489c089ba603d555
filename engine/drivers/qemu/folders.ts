/** Shared folders: one virtiofsd for each, in the house, with its own view of the file system. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GuesthouseError } from '../../contract/errors.ts';
import type { Mount } from '../../contract/guest.ts';
import { exists } from '../../host/files.ts';
import { spawnDaemon } from '../../host/process.ts';
import { type ProcessRef, processRef, signalProcess } from '../../host/process-ref.ts';
import { findProgram } from '../../host/tools.ts';
import type { House } from '../../networks/house.ts';
import { folderId } from './guest-config.ts';
import { findVirtiofsd } from './tools.ts';

const READY_TIMEOUT_MS = 5_000;

/**
 * Run in a mount namespace of its own. $1: source, $2: `ro` or `rw`, $3: run folder, the rest: virtiofsd. The source
 * is bound to /mnt there, so that read-only is the host kernel's word and not the guest's. /run becomes an empty one,
 * as virtiofsd insists on a pid file in /run/virtiofsd; the run folder (perhaps under /run) stays the current folder,
 * and the socket's name is relative. A constant: it never holds data.
 */
const SET_UP = `mount --bind "$1" /mnt || exit 1
[ "$2" = rw ] || mount -o remount,bind,ro /mnt || exit 1
cd "$3" || exit 1
mount -t tmpfs -o mode=755 none /run || exit 1
shift 3
exec "$@"`;

/** One that a machine has, as its run record keeps it. */
export interface Share {
  /** What QEMU calls it (`folderId`). */
  readonly id: string;
  readonly target: string;
  /** Absolute path on the host. */
  readonly source: string;
  readonly readOnly: boolean;
  /** Its virtiofsd. */
  readonly process: ProcessRef;
}

export interface StartedShare {
  readonly share: Share;
  readonly socket: string;
  /** The same in the run folder. */
  readonly socketName: string;
}

export function folderArgv(virtiofsd: string, mount: Mount, runFolder: string, socketName: string): string[] {
  return [
    ...['unshare', '--mount', '--propagation', 'private', 'sh', '-c', SET_UP, 'sh'],
    ...[mount.source, mount.readOnly ? 'ro' : 'rw', runFolder],
    // It needs most capabilities for setting itself up and then drops what files do not take (its own seccomp too).
    ...(findProgram('setpriv') === null ? [] : ['setpriv', '--no-new-privs']),
    ...[virtiofsd, `--socket-path=${socketName}`, '-o', 'source=/mnt', '-o', 'cache=auto', '--rlimit-nofile=0'],
  ];
}

/** Starts its virtiofsd, which ends by itself when QEMU lets go of it. `mount`: with a path of the host as its source. */
export async function shareFolder(
  mount: Mount,
  runFolder: string,
  house: House,
  abort: AbortSignal,
): Promise<StartedShare> {
  const virtiofsd = await findVirtiofsd();
  if (!virtiofsd) {
    throw new GuesthouseError({
      code: 'missing-tool',
      message: 'Folders cannot be shared with machines: virtiofsd is not installed.',
      subject: mount.source,
      hint: 'Install the package virtiofsd (qemu-system-common on Debian 12).',
    });
  }
  const { source, target, readOnly } = mount;
  const id = folderId(target);
  const name = `${id}.sock`;
  const socket = join(runFolder, name);
  const logFile = join(runFolder, `${id}.log`);
  await rm(socket, { force: true });
  const argv = folderArgv(virtiofsd, mount, runFolder, name);
  const child = spawnDaemon(argv, { inside: house.inside({ network: false }), logFile });
  let over = false;
  child.on('exit', () => {
    over = true;
  });
  child.on('error', () => {
    over = true;
  });
  const until = performance.now() + READY_TIMEOUT_MS;
  while (!over && !abort.aborted && performance.now() < until) {
    const process = child.pid === undefined ? null : processRef(child.pid);
    if (process && (await exists(socket)))
      return { share: { id, target, source, readOnly, process }, socket, socketName: name };
    await sleep(5);
  }
  child.kill('SIGKILL');
  abort.throwIfAborted();
  throw new GuesthouseError({
    code: 'unsupported',
    message: `The folder ${mount.source} cannot be shared with the machine.`,
    subject: mount.source,
    cause: await lastLine(logFile),
    hint: 'Look whether the folder exists and may be read, or leave it out.',
  });
}

export function endFolders(folders: readonly ProcessRef[]): void {
  for (const folder of folders) signalProcess(folder, 'SIGTERM');
}

async function lastLine(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.trim().split('\n').at(-1)?.slice(0, 300) || 'virtiofsd did not get ready.';
}
