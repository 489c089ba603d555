/** Starts the small machine that opens the disks of a guest which does not run, and ends it. */
import type { FileHandle } from 'node:fs/promises';
import { chown, readFile, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { arch } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasOwnDisk, isHostDisk, ROOT_DISK } from '../../../contract/disk.ts';
import { GuesthouseError } from '../../../contract/errors.ts';
import { blockDevice } from '../../../host/block-devices.ts';
import { exists, privateFolder } from '../../../host/files.ts';
import { run, spawnDaemon } from '../../../host/process.ts';
import { ended, type ProcessRef, processRef, signalProcess } from '../../../host/process-ref.ts';
import { findProgram as findTool } from '../../../host/tools.ts';
import { readDiskHeader } from '../../../images/disk-header/index.ts';
import type { MachineImage } from '../../../images/store.ts';
import type { DriverContext, GuestRecord, OperationContext } from '../../driver.ts';
import { findAcceleration } from '../accel.ts';
import { enterCgroup, removeCgroup } from '../cgroup.ts';
import { confine } from '../confinement.ts';
import { connectUnix } from '../connect.ts';
import { openDescriptors } from '../descriptors.ts';
import { openBacking, openDisk } from '../disk/open.ts';
import { baseOf, headerOf } from '../disk/storage.ts';
import { requireDisk } from '../disks.ts';
import { explainQemu } from '../failure.ts';
import { architectureOf } from '../hardware/boards.ts';
import { behindTop } from '../layers/record.ts';
import { settleLayers } from '../layers/settle.ts';
import { openQmp } from '../qmp/client.ts';
import { machinePaths } from '../run-record.ts';
import { endStrays } from '../strays.ts';
import { requireQemu } from '../tools.ts';
import { KERNEL_LOG, KERNEL_LOG_BYTES, RESCUE_MEMORY_MIB, type RescueDisk, rescueArgv, WORKERS } from './argv.ts';
import { QMP_SOCKET, type RescuePaths, rescuePaths, SHELL_SOCKET, workSocket } from './paths.ts';

const CONNECT_TIMEOUT_MS = 15_000;
const LOOK_MS = 10;
const KILL_TIMEOUT_MS = 5_000;
/** QEMU writes out what it holds (ms). */
const TERM_TIMEOUT_MS = 10_000;
/** Most that a reading rescue may write of what is thrown away: journals that are replayed, tables that are mended (bytes). */
const OVERLAY_MAX_BYTES = 4 * 1024 ** 3;

export interface RescueMachine {
  readonly qemu: ProcessRef;
  readonly disks: readonly string[];
  /** One for each worker, in order. */
  readonly workers: readonly Socket[];
  connectShell(): Promise<Socket>;
  /** The kernel's last words. */
  kernelLog(): Promise<string>;
  /** `politely`: QEMU writes out first what it holds. */
  end(politely: boolean): Promise<void>;
}

export async function startRescueMachine(
  context: DriverContext,
  guest: GuestRecord,
  { write, base }: { readonly write: boolean; readonly base: MachineImage['disk'] | null },
  operation: OperationContext,
): Promise<RescueMachine> {
  const { house, images, paths } = context;
  if (architectureOf(arch()) !== 'x86_64') {
    throw new GuesthouseError({
      code: 'unsupported',
      message: 'Disks can be opened on x86-64 hosts only so far.',
      subject: arch(),
    });
  }
  const files = rescuePaths(paths, guest.id);
  const disk = machinePaths(paths, guest.id).disk;
  const [qemu, boot] = await Promise.all([
    requireQemu(),
    images.rescueBoot(operation),
    house.ensure(),
    hasOwnDisk(guest.spec) ? requireDisk(disk, guest.spec.name) : null,
  ]);
  const { accelerator } = await findAcceleration(qemu, paths, false);
  operation.progress({ step: 'Starting the rescue machine', fraction: null });
  operation.undo.defer('the rescue', () => sweepRescue(files));
  await sweepRescue(files);
  await privateFolder(files.run);
  await privateFolder(files.room);
  const confinement = confine(guest.id, { kvm: accelerator === 'kvm', tap: false, nodes: [] });
  if (confinement.uid !== null) await chown(files.room, confinement.uid, confinement.uid);

  const descriptors = openDescriptors();
  try {
    const disks = await openDisks(context, guest, { write, base, files }, descriptors, operation);
    const plan = {
      binary: qemu.path,
      guestName: guest.spec.name,
      accelerator,
      boot: {
        kernel: await descriptors.addPlain(boot.kernel, confinement.uid !== null),
        initrd: await descriptors.addPlain(boot.initrd, confinement.uid !== null),
      },
      disks,
      sets: descriptors.sets,
    };
    const argv = [...(write ? [] : sizeLimit()), ...confinement.prefix, ...rescueArgv(plan)];
    operation.signal.throwIfAborted();
    const inside = house.inside({ network: false });
    const child = spawnDaemon(argv, { inside, logFile: files.qemuLog, cwd: files.room, extraStdio: descriptors.fds });
    let over = false;
    child.once('error', () => {
      over = true;
    });
    child.once('exit', () => {
      over = true;
    });
    const ref = child.pid === undefined ? null : processRef(child.pid);
    const failed = async () =>
      explainQemu(await readFile(files.qemuLog, 'utf8').catch(() => ''), guest.spec.name, descriptors.sets);
    if (!ref) throw await failed();
    enterCgroup(guest.id, ref.pid, RESCUE_MEMORY_MIB);
    const end = async (politely: boolean) => {
      if (politely) {
        signalProcess(ref, 'SIGTERM');
        await ended(ref, TERM_TIMEOUT_MS);
      }
      signalProcess(ref, 'SIGKILL');
      await ended(ref, KILL_TIMEOUT_MS);
      await removeCgroup(guest.id);
      await sweepRescue(files);
    };
    operation.undo.defer('the rescue machine', () => end(false));
    const room = (name: string) => `${files.room}/${name}`;
    const workers: Socket[] = [];
    operation.undo.defer('the connections', () => {
      for (const socket of workers) socket.destroy();
    });
    for (let number = 0; number < WORKERS; number++)
      workers.push(await connectWhenThere(room(workSocket(number)), () => over, operation.signal, failed));
    return {
      qemu: ref,
      disks: disks.map(({ name }) => name),
      workers,
      connectShell: () => connectUnix(room(SHELL_SOCKET)),
      kernelLog: () => kernelLog(room(QMP_SOCKET)),
      end,
    };
  } finally {
    await descriptors.close();
  }
}

interface Opening {
  readonly write: boolean;
  readonly base: MachineImage['disk'] | null;
  readonly files: RescuePaths;
}

async function openDisks(
  context: DriverContext,
  guest: GuestRecord,
  { write, base, files }: Opening,
  descriptors: ReturnType<typeof openDescriptors>,
  operation: OperationContext,
): Promise<RescueDisk[]> {
  const disks: RescueDisk[] = [];
  const overlayOf = async (bytes: number): Promise<string | null> => {
    if (write) return null;
    const path = files.overlay(disks.length);
    await run(['qemu-img', 'create', '-q', '-f', 'qcow2', path, String(bytes)], { signal: operation.signal });
    try {
      return await descriptors.add(path, 'write');
    } finally {
      await rm(path, { force: true }); // it goes with whoever has it open
    }
  };
  const { disk, home } = machinePaths(context.paths, guest.id);
  if (hasOwnDisk(guest.spec)) {
    const backing = behindTop(home, await settleLayers(home, null), ROOT_DISK, base);
    const header = await readDiskHeader(disk, { as: 'qcow2', ...(backing ? { backing: backing.name } : {}) });
    disks.push({
      name: ROOT_DISK,
      file: await descriptors.add(disk, write ? 'write' : 'read'),
      format: 'qcow2',
      base: await openBacking(backing, (path) => descriptors.add(path, 'read')),
      isHost: false,
      overlay: await overlayOf(header.virtualBytes),
    });
  }
  for (const one of guest.spec.disks) {
    const readOnly = !write || one.readOnly;
    const give = async (file: FileHandle, path: string) => descriptors.give(file, path);
    const {
      name,
      file,
      format,
      base: behind,
      isHost,
    } = await openDisk(context, guest, { ...one, readOnly }, give, operation);
    const bytes = isHostDisk(one)
      ? (blockDevice(one.from as string)?.sizeBytes ?? 0)
      : (await headerOf(context, guest.id, one, await baseOf(context, one, operation))).virtualBytes;
    disks.push({ name, file, format, base: behind, isHost, overlay: readOnly ? await overlayOf(bytes) : null });
  }
  return disks;
}

/** A file system that is made to be written without end shall not fill the host's disk. */
function sizeLimit(): string[] {
  const prlimit = findTool('prlimit');
  return prlimit === null ? [] : [prlimit, `--fsize=${OVERLAY_MAX_BYTES}`];
}

async function connectWhenThere(
  path: string,
  isOver: () => boolean,
  signal: AbortSignal,
  failure: () => Promise<GuesthouseError>,
): Promise<Socket> {
  const until = performance.now() + CONNECT_TIMEOUT_MS;
  for (;;) {
    signal.throwIfAborted();
    try {
      return await connectUnix(path);
    } catch (error) {
      if (isOver()) throw await failure();
      const early = error instanceof GuesthouseError && error.code === 'disconnected';
      if (!early || performance.now() > until) throw error;
      await sleep(LOOK_MS);
    }
  }
}

async function kernelLog(socket: string): Promise<string> {
  const qmp = await openQmp(await connectUnix(socket), { onEvent() {}, onClose() {} });
  try {
    return String(await qmp.execute('ringbuf-read', { device: KERNEL_LOG, size: KERNEL_LOG_BYTES }));
  } finally {
    qmp.close();
  }
}

/** Ends what an engine that was killed left of a rescue, and takes its folder away. */
export async function sweepRescue(files: RescuePaths): Promise<void> {
  if (!(await exists(files.run))) return;
  await endStrays(files);
  await rm(files.run, { recursive: true, force: true });
}
