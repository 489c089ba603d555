/**
 * Shared folders come to a machine that runs, and go from it. Their sockets lie in our own folder, not in QEMU's, whose
 * user could put anything in their place: QEMU is handed the connection itself (QMP's `getfd`; chardev-add, address `fd`).
 */
import { GuesthouseError } from '../../contract/errors.ts';
import type { Mount } from '../../contract/guest.ts';
import { ended, isAlive, signalProcess } from '../../host/process-ref.ts';
import { descriptorOf } from '../../host/send-descriptor.ts';
import type { GuestRecord } from '../driver.ts';
import { hostMounts } from '../mounts.ts';
import { folderDevice } from './argv/folders.ts';
import { connectUnix } from './connect.ts';
import { endFolders, type Share, shareFolder } from './folders.ts';
import { mountInside, unmountInside } from './folders-inside.ts';
import { folderTag } from './guest-config.ts';
import type { MachineContext } from './hardware/device-claims.ts';
import { plug, unplug } from './hotplug.ts';
import type { LiveMachine } from './live.ts';
import type { Programs } from './programs.ts';
import type { Qmp } from './qmp/client.ts';

/** virtiofsd ends when QEMU has let go of it (ms). */
const END_TIMEOUT_MS = 3_000;

/** Throws at the first that does not fit; asked again with the old spec, it goes back to that. */
export async function reconcileFolders(
  context: Pick<MachineContext, 'volumes' | 'house'>,
  machine: LiveMachine,
  guest: GuestRecord,
  programs: Pick<Programs, 'tool'>,
  signal: AbortSignal,
): Promise<void> {
  const wanted = await hostMounts(guest, context.volumes);
  const shares = machine.record.shares ?? [];
  const gone = shares.filter((share) => !wanted.some((mount) => isSame(mount, share)));
  const come = wanted.filter((mount) => !shares.some((share) => isSame(mount, share)));
  if (gone.length + come.length === 0) return;
  await requireRunning(machine, guest);
  // Each before the one it is in; those that come are in the other order already.
  for (const share of [...gone].sort((a, b) => b.target.length - a.target.length))
    await takeOut(machine, guest, share, programs);
  for (const mount of come) await putIn(context, machine, guest, mount, programs, signal);
}

const isSame = (a: Omit<Mount, 'owned'>, b: Omit<Mount, 'owned'>) =>
  a.target === b.target && a.source === b.source && a.readOnly === b.readOnly;

async function putIn(
  { house }: Pick<MachineContext, 'house'>,
  machine: LiveMachine,
  guest: GuestRecord,
  mount: Mount,
  programs: Pick<Programs, 'tool'>,
  signal: AbortSignal,
): Promise<void> {
  // An engine that met the machine running has not needed it yet.
  await house.ensure();
  const { share, socket } = await shareFolder(mount, machine.files.run, house, signal);
  try {
    // Before the machine has it: should we end now, the next engine finds it and takes it back.
    await machine.noteRun({ shares: [...(machine.record.shares ?? []), share] });
    const qmp = await machine.qmp();
    await giveChardev(qmp, share.id, socket);
    await plug(qmp, folderDevice({ id: share.id, tag: folderTag(share.target) }, { micro: null }));
    await mountInside(programs, machine, guest, mount);
  } catch (error) {
    await letGo(machine, share).catch(() => {}); // it ends with QEMU
    throw error;
  }
}

async function takeOut(
  machine: LiveMachine,
  guest: GuestRecord,
  share: Share,
  programs: Pick<Programs, 'tool'>,
): Promise<void> {
  if (!isAlive(share.process)) throw lost(guest, share);
  await unmountInside(programs, machine, guest, share);
  try {
    await letGo(machine, share);
  } catch (error) {
    await mountInside(programs, machine, guest, share).catch(() => {}); // the first reason is the one that counts
    throw error;
  }
}

/** Of a folder that is not mounted. Throws as `unplug` does; then the machine still has it. */
async function letGo(machine: LiveMachine, { id, process }: Share): Promise<void> {
  const qmp = await machine.qmp();
  await unplug(qmp, id);
  await machine.noteRun({ shares: (machine.record.shares ?? []).filter((share) => share.id !== id) });
  await qmp.execute('chardev-remove', { id }).catch(() => {}); // it may not have come to it
  if (await ended(process, END_TIMEOUT_MS)) return;
  endFolders([process]);
  if (!(await ended(process, END_TIMEOUT_MS))) signalProcess(process, 'SIGKILL');
}

/** Connects to a virtiofsd and gives the connection to QEMU as the chardev `id`. */
async function giveChardev(qmp: Qmp, id: string, path: string): Promise<void> {
  const socket = await connectUnix(path);
  try {
    // Nothing of what is said on it may be read here.
    socket.pause();
    const descriptor = descriptorOf(socket);
    await qmp.execute('getfd', { fdname: id }, descriptor);
    try {
      const addr = { type: 'fd', data: { str: id } };
      await qmp.execute('chardev-add', { id, backend: { type: 'socket', data: { addr, server: false } } });
    } catch (error) {
      await qmp.execute('closefd', { fdname: id }).catch(() => {}); // it was taken
      throw error;
    }
  } finally {
    socket.destroy();
  }
}

/** A guest that stands still hears nothing. */
async function requireRunning(machine: LiveMachine, { spec: { name } }: GuestRecord): Promise<void> {
  if (!(await machine.paused())) return;
  throw new GuesthouseError({
    code: 'wrong-state',
    message: `The folders of ${name} cannot change while it stands still.`,
    subject: name,
    hint: `Let it go on first: \`guesthouse resume ${name}\`.`,
  });
}

/** Nobody answers the guest any more, so that its unmounting would wait for ever. */
function lost({ spec: { name } }: GuestRecord, { target }: Share): GuesthouseError {
  return new GuesthouseError({
    code: 'guest-failed',
    message: `The folder ${target} cannot be taken from ${name} as it runs.`,
    subject: target,
    cause: 'Its program on the host (virtiofsd) ended, and the guest still waits for it.',
    hint: 'Ask for this change with --recreate, which restarts it.',
  });
}
