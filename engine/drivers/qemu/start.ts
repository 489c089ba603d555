/** From a stopped guest to a QEMU that answers. Every step says how it is taken back. */

import type { FileHandle } from 'node:fs/promises';
import { chown, lchown, readFile, rm, writeFile } from 'node:fs/promises';
import { constants as os } from 'node:os';
import { hasOwnDisk, ROOT_DISK } from '../../contract/disk.ts';
import { GuesthouseError } from '../../contract/errors.ts';
import type { MachineFound } from '../../contract/machine.ts';
import type { Inside } from '../../host/child.ts';
import { privateFolder } from '../../host/files.ts';
import { spawnDaemon } from '../../host/process.ts';
import { bootId, ended, isAlive, type ProcessRef, processRef, signalProcess } from '../../host/process-ref.ts';
import type { GuestRecord, OperationContext, StartWith } from '../driver.ts';
import { hostMounts } from '../mounts.ts';
import { prepareAgent, startReporter } from './agent.ts';
import { machineArgv } from './argv/argv.ts';
import { hasBalloon } from './argv/balloon.ts';
import { hasGuestAgentPort } from './argv/consoles.ts';
import { hasCd } from './argv/disks.ts';
import type { MachinePlan } from './argv/plan.ts';
import { enterCgroup, removeCgroup } from './cgroup.ts';
import { confine } from './confinement.ts';
import { type Descriptors, openDescriptors } from './descriptors.ts';
import type { OpenedDisk } from './disk/blockdev.ts';
import { limitIo } from './disk/live.ts';
import { openBacking, openDisk } from './disk/open.ts';
import { requireDisk } from './disks.ts';
import { explainQemu } from './failure.ts';
import { endFolders, type StartedShare, shareFolder } from './folders.ts';
import { howToMount } from './folders-inside.ts';
import { folderTag, guestConfig, renderGuestConfig } from './guest-config.ts';
import { BOARDS } from './hardware/boards.ts';
import { type MachineContext, ownerNames } from './hardware/device-claims.ts';
import { givenDevices, lockedMemory, openUsb } from './hardware/host-devices.ts';
import { microFacts } from './hardware/micro.ts';
import { prepareHardware } from './hardware/prepare.ts';
import { forgetCopy, isUnlikeItsDisk, samenessOf } from './hardware/sameness.ts';
import { behindTop } from './layers/record.ts';
import { settleLayers } from './layers/settle.ts';
import { awaitMonitor, type LiveEvents, LiveMachine } from './live.ts';
import { houseMember, machineImage, requireIso } from './machine-image.ts';
import { awaitLoaded, hangUp, LOAD_TIMEOUT_MS, tellAwake } from './memory/load.ts';
import { type MemoryShape, memoryFile, readShape, requireFit } from './memory/shape.ts';
import { type MachinePaths, machinePaths, type RunRecord, writeRun } from './run-record.ts';
import { writeSeed } from './seed/seed.ts';
import { sizeFor } from './size/room.ts';
import { endStrays } from './strays.ts';
import { startTpm } from './tpm.ts';

/** QEMU's monitor answers after some 50 ms; a loaded host may need longer (ms). */
const MONITOR_TIMEOUT_MS = 15_000;
const KILL_TIMEOUT_MS = 5_000;

export const TCG_NOTE = 'Software emulation: slow, and no security boundary.';

export async function startMachine(
  context: MachineContext,
  guest: GuestRecord,
  operation: OperationContext,
  events: LiveEvents,
  memory: StartWith['memory'] | null = null,
): Promise<LiveMachine> {
  const { house } = context;
  const files = machinePaths(context.paths, guest.id);
  const shape = memory && (await readShape(memory.folder, guest.spec.name));
  const layers = await settleLayers(files.home, null);
  const member = houseMember(guest);
  const [machine, network] = await Promise.all([
    machineImage(context, guest, operation),
    member ? house.network() : house.ensure().then(() => null),
    hasOwnDisk(guest.spec) ? requireDisk(files.disk, guest.spec.name) : null,
    guest.isoPath ? requireIso(guest.isoPath) : null,
  ]);
  const boot = machine?.boot ?? null;
  const hardware = await prepareHardware({
    guest,
    files,
    direct: boot !== null,
    imageArchitecture: guest.imageId === null ? null : context.images.get(guest.imageId).architecture,
    paths: context.paths,
    signal: operation.signal,
  });
  const isCopy = await isUnlikeItsDisk(files.home);
  const micro = guest.spec.isolation === 'microvm' ? await microFacts(hardware.accelerator, context.paths) : null;
  if (shape) requireFit(shape, hardware, guest.spec.name);
  if (network?.ok === false) {
    throw new GuesthouseError({
      code: 'unsupported',
      message: `${guest.spec.name} cannot have a network here.`,
      subject: 'network',
      cause: network.reason,
      hint: network.fix ?? 'Choose the network `none`.',
    });
  }
  const mounts = await hostMounts(guest, context.volumes);
  // What goes on with its memory has the memory it was kept with.
  const sharedMemory = shape
    ? shape.sharedMemory === true
    : mounts.length > 0 || guest.spec.machine.sharedMemory === true;

  operation.undo.defer('the run folder', () => rm(files.run, { recursive: true, force: true }));
  await endStrays(files);
  await rm(files.run, { recursive: true, force: true });
  await privateFolder(files.run);
  await privateFolder(files.room);
  // A run has a log of its own; one that goes on goes on with its log.
  if (!shape) await Promise.all([files.serialLog, `${files.serialLog}.1`].map((path) => rm(path, { force: true })));
  if (boot) {
    const config = renderGuestConfig(
      guestConfig({ ...guest.spec, mounts }, machine?.config ?? null, member && house.view(member), isCopy),
    );
    await Promise.all([writeFile(files.config, config, { mode: 0o600 }), prepareAgent(files, shape?.hello)]);
  }
  const seeded = await writeSeed(files.seed, guest, member && house.view(member), isCopy);
  operation.signal.throwIfAborted();

  let taps: readonly string[] = [];
  if (member) {
    operation.undo.defer('the network', () => house.detach(guest.id));
    taps = (await house.attachTaps(member)).devices;
  }
  const folders: StartedShare[] = [];
  operation.undo.defer('the shared folders', () => endFolders(folders.map(({ share }) => share.process)));
  for (const mount of mounts) folders.push(await shareFolder(mount, files.room, house, operation.signal));

  const { accelerator } = hardware;
  const owners = ownerNames(context.devices, guest.id, context.nameOf);
  const given = givenDevices(guest.spec.hostDevices, context.devicesRoot, owners);
  operation.undo.defer('the devices of the host', () => context.devices.drop(guest.id));
  context.devices.set(guest.id, ['usb', 'pci'], given.devices);
  const locked = given.pci.length > 0 ? lockedMemory(guest.spec.memoryMib) : [];
  const { nodes } = given;
  const confinement = confine(guest.id, { kvm: accelerator === 'kvm', tap: taps.length > 0, nodes });
  const programs: ProcessRef[] = [];
  let tpmSocket: string | null = null;
  if (hardware.found.tpm) {
    const tpm = await startTpm(files, guest.spec.name, confinement, house, operation.signal);
    operation.undo.defer('the TPM', () => endFolders([tpm.process]));
    programs.push(tpm.process);
    tpmSocket = tpm.socketName;
  }
  if (confinement.uid !== null) await giveRoom(files, confinement.uid, boot !== null, folders);
  const descriptors = openDescriptors();
  try {
    const backing = behindTop(files.home, layers, ROOT_DISK, machine?.disk ?? null);
    const furtherDisks: OpenedDisk[] = [];
    const give = async (file: FileHandle, path: string) => descriptors.give(file, path);
    for (const disk of guest.spec.disks.filter(({ attached }) => attached))
      furtherDisks.push(await openDisk(context, guest, disk, give, operation));
    const usbDevices: { address: string; file: string }[] = [];
    for (const address of given.usb) {
      const { file, path } = await openUsb(address, context.devicesRoot);
      usbDevices.push({ address, file: await give(file, path) });
    }
    // A memory that was kept fits the size it was kept with.
    const size = shape ? (shape.size ?? null) : sizeFor(guest.spec, hardware.found);
    const plan: MachinePlan = {
      binary: hardware.qemu.path,
      guest,
      accelerator,
      size,
      generation: hasGeneration(hardware.found, boot !== null, shape)
        ? (await samenessOf(files.home)).generation
        : null,
      hardware: hardware.found,
      cpuModel: guest.spec.machine.cpuModel,
      uefi: hardware.uefi && {
        ...hardware.uefi,
        code: { ...hardware.uefi.code, path: await descriptors.add(hardware.uefi.code.path, 'read') },
        variables: await descriptors.add(hardware.uefi.variables, 'write'),
      },
      loader: hardware.loader && (await descriptors.addPlain(hardware.loader, false)),
      tpmSocket,
      extraArgs: guest.spec.machine.extraArgs,
      disk: hasOwnDisk(guest.spec) ? await descriptors.add(files.disk, 'write') : null,
      base: await openBacking(backing, (path) => descriptors.add(path, 'read')),
      serialLog: await descriptors.add(files.serialLog, 'append'),
      cdrom: guest.isoPath === null ? null : await descriptors.add(guest.isoPath, 'read'),
      seed: seeded ? await descriptors.add(files.seed, 'read') : null,
      boot: boot && {
        kernel: await descriptors.addPlain(boot.kernel, confinement.uid !== null),
        initrd: await descriptors.addPlain(boot.initrd, confinement.uid !== null),
      },
      furtherDisks,
      usbDevices,
      pciDevices: given.pci,
      micro,
      ...(memory && shape ? { memory: { ...shape, fd: await descriptors.addNumber(memoryFile(memory.folder)) } } : {}),
      taps,
      folders: folders.map(({ share, socketName }) => ({
        id: share.id,
        tag: folderTag(share.target),
        socket: socketName,
      })),
      sharedMemory,
      sets: descriptors.sets,
    };
    const argv = [...locked, ...confinement.prefix, ...machineArgv(plan)];
    const inside = house.inside({ network: true });
    const waitMs = shape ? LOAD_TIMEOUT_MS : MONITOR_TIMEOUT_MS;
    const live = await spawnMachine(files, guest, inside, argv, descriptors, operation, events, waitMs, {
      accelerator,
      hardware: hardware.found,
      agent: boot !== null,
      guestAgent: hasGuestAgentPort(plan),
      balloon: hasBalloon(plan),
      hasCd: hasCd(plan),
      usb: boot === null,
      size,
      notes: [
        ...hardware.notes,
        ...given.notes,
        ...(accelerator === 'tcg' ? [TCG_NOTE] : []),
        ...(confinement.note === null ? [] : [confinement.note]),
        ...(boot ? [] : mounts.map(howToMount)),
      ],
      folders: programs,
      shares: folders.map(({ share }) => share),
      sharedMemory,
    });
    if (member && member.ports.length > 0) {
      operation.undo.defer('the ports', () => house.unpublish(guest.id));
      await house.publish(member);
    }
    if (shape) await awaitLoaded(live, guest.spec.name, () => !isAlive(live.record.qemu), operation.signal);
    if ([guest.spec, ...guest.spec.disks].some(({ io }) => io && Object.values(io).some((limit) => limit !== null)))
      await limitIo(await live.qmp(), guest);
    await live.noteRun({ started: true });
    if (memory && shape) {
      await memory.loaded();
      if (!shape.paused) await live.setPaused(false);
      await hangUp(live, shape.lines ?? []);
      await tellAwake(live);
    }
    if (boot && isCopy) void live.up.then(() => forgetCopy(files.home)).catch(() => {}); // done once more, then
    return live;
  } finally {
    await descriptors.close();
  }
}

/** Debian's cloud kernel has no driver for it; where a memory goes on, the devices are what they were. */
function hasGeneration(found: MachineFound, direct: boolean, shape: MemoryShape | null): boolean {
  return shape ? shape.generation === true : !direct && BOARDS[found.architecture].pc;
}

/** Lets QEMU's own user make its sockets, and use what was made for it. */
async function giveRoom(files: MachinePaths, uid: number, agent: boolean, folders: readonly StartedShare[]) {
  const inside = [...(agent ? [files.config, files.agentIn, files.agentOut] : []), ...folders.map((one) => one.socket)];
  await Promise.all(inside.map((path) => lchown(path, uid, uid)));
  await chown(files.room, uid, uid);
}

async function spawnMachine(
  files: MachinePaths,
  guest: GuestRecord,
  inside: Inside,
  argv: readonly string[],
  descriptors: Descriptors,
  operation: OperationContext,
  events: LiveEvents,
  waitMs: number,
  facts: Pick<
    RunRecord,
    | 'accelerator'
    | 'hardware'
    | 'agent'
    | 'guestAgent'
    | 'balloon'
    | 'folders'
    | 'shares'
    | 'sharedMemory'
    | 'hasCd'
    | 'usb'
    | 'notes'
    | 'size'
  >,
): Promise<LiveMachine> {
  operation.signal.throwIfAborted();
  const child = spawnDaemon(argv, { inside, logFile: files.qemuLog, cwd: files.room, extraStdio: descriptors.fds });
  let over = false;
  const gone = new Promise<void>((resolve) => {
    const end = () => {
      over = true;
      resolve();
    };
    child.once('error', end);
    child.once('exit', end);
  });
  const qemu = child.pid === undefined ? null : processRef(child.pid);
  if (!qemu) {
    await gone;
    throw await startFailure(files, guest, descriptors);
  }
  operation.undo.defer('QEMU', async () => {
    signalProcess(qemu, 'SIGKILL');
    await ended(qemu, KILL_TIMEOUT_MS);
    await removeCgroup(guest.id);
  });
  const reporter = facts.agent ? startReporter(files) : null;
  operation.undo.defer('the reporter', () => {
    if (reporter) signalProcess(reporter, 'SIGKILL');
  });
  const cgroupNotes = enterCgroup(guest.id, qemu.pid, guest.spec.memoryMib);
  const notes = [...facts.notes, ...cgroupNotes];
  const record: RunRecord = {
    ...facts,
    notes,
    qemu,
    reporter,
    bootId: bootId(),
    startedAt: Date.now(),
    started: false,
  };
  // On disk at once: if we die now, the next engine finds a machine and not an orphan.
  await writeRun(files, record);
  const live = new LiveMachine(guest.id, files, record, events);
  operation.undo.defer('the watch', () => live.release());
  child.once('exit', (_code, name) => {
    live.exitSignal = name ? os.signals[name] : null;
    live.look();
  });
  try {
    await awaitMonitor(live, () => over, waitMs, operation.signal);
    return live;
  } catch (error) {
    live.release();
    if (over || !isAlive(qemu)) throw await startFailure(files, guest, descriptors);
    throw error;
  }
}

async function startFailure(files: MachinePaths, guest: GuestRecord, { sets }: Descriptors): Promise<GuesthouseError> {
  return explainQemu(await readFile(files.qemuLog, 'utf8').catch(() => ''), guest.spec.name, sets);
}
