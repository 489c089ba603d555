/** The TPM of a machine: one swtpm for each, in the house, with its state in the guest's folder. */
import { chown, lchown, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GuesthouseError } from '../../contract/errors.ts';
import { exists, privateFolder } from '../../host/files.ts';
import { spawnDaemon } from '../../host/process.ts';
import { type ProcessRef, processRef } from '../../host/process-ref.ts';
import { findProgram, installHint } from '../../host/tools.ts';
import type { House } from '../../networks/house.ts';
import { ROOM } from './argv/plan.ts';
import type { Confinement } from './confinement.ts';
import type { MachinePaths } from './run-record.ts';

const READY_TIMEOUT_MS = 5_000;

/**
 * Run in a mount namespace of its own. $1: state, $2: QEMU's working folder, the rest: swtpm. Both are seen below /tmp,
 * where distributions' AppArmor profiles for swtpm let it work, and where its own user can reach them; the current
 * folder stays the working folder, by which strays are found. A constant: it never holds data.
 */
const SET_UP = `cd "$2" || exit 1
mount -t tmpfs -o mode=755 none /mnt || exit 1
mkdir /mnt/state /mnt/room || exit 1
mount --bind "$1" /mnt/state || exit 1
mount --bind "$2" /mnt/room || exit 1
mount --rbind /mnt /tmp || exit 1
shift 2
exec "$@"`;

export interface Tpm {
  readonly process: ProcessRef;
  /** As QEMU finds it in its working folder. */
  readonly socketName: string;
}

/** Pure. `prefix`: what takes its rights away. It has system calls of its own to filter, and does. */
export function tpmArgv(swtpm: string, state: string, room: string, prefix: readonly string[]): string[] {
  return [
    ...['unshare', '--mount', '--propagation', 'private', 'sh', '-c', SET_UP, 'sh', state, room],
    ...prefix,
    ...[swtpm, 'socket', '--tpm2', '--tpmstate', 'dir=/tmp/state,mode=0600'],
    ...['--ctrl', `type=unixio,path=/tmp/room/${ROOM.tpm},mode=0600`],
    // It ends when QEMU lets go of it, whoever is there to see.
    '--terminate',
  ];
}

/** Starts one. Throws `missing-tool`; `bad-data` when its state is of no use. */
export async function startTpm(
  files: MachinePaths,
  guestName: string,
  confinement: Confinement,
  house: House,
  abort: AbortSignal,
): Promise<Tpm> {
  const swtpm = findProgram('swtpm');
  if (swtpm === null) {
    throw new GuesthouseError({
      code: 'missing-tool',
      message: `${guestName} cannot have a TPM: swtpm is not installed.`,
      subject: 'machine.tpm',
      hint: installHint('swtpm'),
    });
  }
  await privateFolder(files.tpmState);
  if (confinement.uid !== null) await give(files, confinement.uid);
  const logFile = join(files.run, 'tpm.log');
  const argv = tpmArgv(swtpm, files.tpmState, files.room, confinement.prefix);
  const child = spawnDaemon(argv, { inside: house.inside({ network: false }), logFile });
  let over = false;
  const end = () => {
    over = true;
  };
  child.once('exit', end);
  child.once('error', end);
  const until = performance.now() + READY_TIMEOUT_MS;
  while (!over && !abort.aborted && performance.now() < until) {
    const process = child.pid === undefined ? null : processRef(child.pid);
    if (process && (await exists(join(files.room, ROOM.tpm)))) return { process, socketName: ROOM.tpm };
    await sleep(5);
  }
  child.kill('SIGKILL');
  abort.throwIfAborted();
  throw new GuesthouseError({
    code: 'bad-data',
    message: `The TPM of ${guestName} does not start.`,
    subject: 'machine.tpm',
    cause: (await readFile(logFile, 'utf8').catch(() => '')).trim().slice(-300) || 'swtpm did not get ready.',
    hint: 'Take the TPM away, or put its state back from a copy.',
  });
}

/** To the user QEMU runs as, so that the state is nobody else's who was let out. */
async function give(files: MachinePaths, uid: number): Promise<void> {
  for (const name of await readdir(files.tpmState)) await lchown(join(files.tpmState, name), uid, uid);
  for (const folder of [files.tpmState, files.room]) await chown(folder, uid, uid);
}
