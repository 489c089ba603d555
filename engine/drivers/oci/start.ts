/** Everything between "start" and the main program running. Each step is taken back by the run's clean-up. */
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GuesthouseError } from '../../contract/errors.ts';
import type { ImageConfig } from '../../contract/image.ts';
import { privateFolder } from '../../host/files.ts';
import { guestFolder, guestRunFolder } from '../../host/paths.ts';
import { run } from '../../host/process.ts';
import { bootId, type ProcessRef, processRef } from '../../host/process-ref.ts';
import type { HouseMember } from '../../networks/house.ts';
import { memberOf } from '../../networks/members.ts';
import type { DriverContext, GuestRecord, OperationContext } from '../driver.ts';
import { hostMounts } from '../mounts.ts';
import { buildBundle, INIT_PLACE } from './bundle.ts';
import { boundingOf } from './capabilities.ts';
import { readyForMoves } from './cgroup-moves.ts';
import { missingCommand } from './command-lookup.ts';
import { beginConmon, type ConmonRequest } from './conmon.ts';
import { deviceNodes } from './devices.ts';
import { commandFailure, startFailure } from './failure.ts';
import { firstExisting, resolveIdentity } from './identity.ts';
import { holdLog } from './log-files.ts';
import { resolveTargets } from './mount-targets.ts';
import { giveOwned, placeMounts } from './mounts.ts';
import { asAsked, commandOf, type ProcessSpec, processSpec } from './process-spec.ts';
import { makeRootfsFolders, mountRootfs } from './rootfs.ts';
import { confinement, initOf, limitsOf, stopSignalOf } from './run-options.ts';
import { type RunRecord, writeRunRecord } from './run-record.ts';
import { hasManyIds, type RuntimeChoice, type RuntimeProbe } from './runtime.ts';
import { startByFifo, tellFifo } from './start-fifo.ts';
import { resolveWorkingFolder } from './working-folder.ts';

const CREATE_TIMEOUT_MS = 60_000;
const START_TIMEOUT_MS = 30_000;
/** Beyond it `runc start` is asked, which says why (ms). */
const FIFO_TIMEOUT_MS = 5_000;
/** What a container keeps of its output (bytes); conmon begins the file anew at this size. */
const LOG_MAX_BYTES = 16 * 1024 * 1024;
/** Of containers without a command: the best shell the image has. */
export const SHELLS = ['/bin/bash', '/usr/bin/bash', '/bin/sh', '/usr/bin/sh', '/bin/ash'] as const;

/** Told with every guest that shares the host's network. */
const HOST_NETWORK_NOTE =
  'It shares the network of the host: no wall between them, and whatever it serves is on the host.';

export interface StartTools {
  readonly choice: RuntimeChoice;
  readonly conmon: NonNullable<RuntimeProbe['conmon']>;
  readonly runtimeRoot: string;
}

export function logFile(context: DriverContext, guestId: string): string {
  return join(guestFolder(context.paths, guestId), 'console.log');
}

/**
 * Makes the container and answers before its program starts; `go` starts it. `intent`: as in StartWith. Until it is written
 * nothing is made that would outlive us: a conmon that is let go of without a bundle ends.
 */
export async function prepareStart(
  context: DriverContext,
  guest: GuestRecord,
  tools: StartTools,
  operation: OperationContext,
  intent: Promise<void>,
): Promise<{ record: RunRecord; go: () => Promise<void> }> {
  const { house, images, paths } = context;
  const { spec, id } = guest;
  const folder = await privateFolder(guestRunFolder(paths, id));
  const member = memberOf(guest);
  if (tools.choice.cgroupParent !== null) void readyForMoves();
  const logPath = logFile(context, id);
  await holdLog(logPath);
  const logStart = fileState(logPath);
  const request: ConmonRequest = {
    conmonPath: tools.conmon.path,
    runtimePath: tools.choice.path,
    runtimeArgs: tools.choice.args,
    runtimeRoot: tools.runtimeRoot,
    containerId: id,
    folder,
    logPath,
    logMaxBytes: LOG_MAX_BYTES,
    tty: spec.tty,
    keepInput: spec.tty || !spec.inputOnce,
    noSyncLog: tools.conmon.noSyncLog,
    execSpec: null,
  };
  // It takes longest of all that needs nothing else, so it begins first; then the mount.
  const conmon = beginConmon(house, request);
  let mounting: Promise<string> | null = null;
  try {
    await makeRootfsFolders(paths, id);
    const { layers, config: imageConfig } = await images.rootfs(imageIdOf(guest));
    mounting = mountRootfs(house, paths, id, layers, operation.signal);
    mounting.catch(() => {}); // waited for below, whatever happens
    const config = asAsked(spec, imageConfig);
    const [mounts, devices, { rights, seccomp }] = await Promise.all([
      hostMounts(guest, context.volumes).then((found) => placeMounts(found, spec.name)),
      deviceNodes(spec.devices),
      confinement(spec, house.pid === null ? null : boundingOf(house.pid)),
    ]);
    const initPath = initOf(spec);
    const stopSignal = stopSignalOf(spec, imageConfig);
    const { limits, notes: limitNotes } = limitsOf(spec, tools.choice, paths.home);
    const [network, root] = await allOrFirstError([
      // Without a network nobody but the container itself needs its namespace, so its runtime makes it.
      member === null ? Promise.resolve<{ path: string | null }>({ path: null }) : house.attachNamespace(member),
      mounting,
    ]);
    // The mount is seen through the house's own root; nothing in it is ever reached by following the guest's links.
    const seen = `/proc/${house.pid}/root${root}`;
    const args = commandOrShell(guest, config, seen);
    const identity = resolveIdentity(seen, config.user);
    const from = spec.workingDir === null ? 'image' : 'request';
    const workingFolder = resolveWorkingFolder(seen, config.workingDir, from);
    const ownedNotes = await giveOwned(house, mounts, identity, operation.signal);
    const parent = tools.choice.cgroupParent;
    const hostname = spec.hostname ?? spec.name;
    const process = processSpec({
      args: initPath === null ? args : [INIT_PLACE, '--', ...args],
      tty: spec.tty,
      identity,
      image: config,
      hostname,
      env: Object.entries(spec.env).map(([name, value]) => `${name}=${value}`),
      rights,
      workingFolder,
    });
    if (initPath !== null) requireCommand(seen, process, args, guest);
    const bundle = buildBundle({
      process,
      hostname,
      rootPath: root,
      readOnlyRoot: spec.readOnlyRoot,
      networkPath: network.path,
      hostNetwork: spec.network === 'host',
      etcFolder: await writeEtc(context, guest, member),
      mounts,
      tmpfs: spec.tmpfs,
      tmpfsMib: Math.max(1, Math.floor(spec.memoryMib / 2)),
      devices,
      makesNodes: isRoot(),
      initPath,
      seccomp,
      cgroupView: tools.choice.cgroupView,
      limits: parent === null ? null : limits,
      cgroupsPath: parent === null ? null : `${parent}/${id}`,
      manyIds: hasManyIds(house),
    });
    await intent;
    writeFileSync(
      join(folder, 'config.json'),
      JSON.stringify({ ...bundle, mounts: resolveTargets(seen, bundle.mounts) }),
      { mode: 0o600 },
    );

    const options = { timeoutMs: CREATE_TIMEOUT_MS, signal: operation.signal, onAttachable: null };
    const [launched] = await allOrFirstError([
      conmon.go(options),
      member === null ? Promise.resolve() : house.publish(member),
    ]);
    if (!launched.ok) throw startFailure(spec.name, args[0] ?? '', spec.image, launched.message);
    const main = processRef(launched.pid);
    const monitor = processRef(launched.conmonPid);
    if (!main || !monitor) throw startFailure(spec.name, args[0] ?? '', spec.image, 'it ended while it was made');
    const record: RunRecord = {
      bootId: bootId(),
      main,
      conmon: monitor,
      startedAt: Date.now(),
      tty: spec.tty,
      title: 'main',
      stopSignal: stopSignal.number,
      logOffset: logStart.size,
      logInode: logStart.inode,
      started: false,
      paused: false,
      ...(parent === null ? { unlimited: true } : {}),
      notes: [
        ...(tools.choice.limitsReason === null ? [] : [tools.choice.limitsReason]),
        ...limitNotes,
        ...stopSignal.notes,
        ...ownedNotes,
        ...(spec.network === 'host' ? [HOST_NETWORK_NOTE] : []),
      ],
    };
    writeRunRecord(folder, record);
    return { record, go: () => startProgram(context, guest, tools, main, args[0] ?? '') };
  } catch (error) {
    conmon.abandon();
    // What is taken back next must not race with it.
    await mounting?.catch(() => {});
    throw error;
  }
}

async function startProgram(
  { house }: DriverContext,
  { id, spec }: GuestRecord,
  { choice, runtimeRoot }: StartTools,
  main: ProcessRef,
  command: string,
): Promise<void> {
  const state = join(runtimeRoot, id);
  if (choice.label.startsWith('runc ') && (await startByFifo(state, main, FIFO_TIMEOUT_MS))) return;
  if (choice.label.startsWith('crun ') && tellFifo(state)) return;
  const words = [choice.path, ...choice.args, '--root', runtimeRoot, 'start', id];
  const inside = house.inside({ network: false });
  const result = await run(words, { inside, timeoutMs: START_TIMEOUT_MS, okCodes: [0, 1] });
  if (result.code !== 0) throw startFailure(spec.name, command, spec.image, result.stderr || result.stdout);
}

function imageIdOf(guest: GuestRecord): string {
  if (guest.imageId !== null) return guest.imageId;
  throw new GuesthouseError({
    code: 'invalid',
    message: 'A container needs an image.',
    subject: 'image',
    hint: 'Choose an image, or make a machine.',
  });
}

function commandOrShell(guest: GuestRecord, config: ImageConfig, root: string): readonly string[] {
  const command = commandOf(guest.spec, config);
  if (command.length > 0) return command;
  const shell = firstExisting(root, SHELLS);
  if (shell !== null) return [shell];
  throw new GuesthouseError({
    code: 'invalid',
    message: `The image ${guest.spec.image} names no command and has no shell.`,
    subject: guest.spec.name,
    hint: 'Give the container a command.',
  });
}

/** An init would start, and then end because there is no such program: said before, as without an init. */
function requireCommand(root: string, process: ProcessSpec, args: readonly string[], guest: GuestRecord): void {
  const message = missingCommand(root, { ...process, args }, guest);
  if (message !== null) throw commandFailure(args[0] ?? '', guest.spec.image, message);
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Files of /etc that name the guest and its network. Made anew each time: the last run may have changed them. */
async function writeEtc(context: DriverContext, guest: GuestRecord, member: HouseMember | null): Promise<string> {
  const folder = await privateFolder(join(guestFolder(context.paths, guest.id), 'etc'));
  const { name, hostname, network } = guest.spec;
  const names = hostname === null || hostname === name ? name : `${hostname} ${name}`;
  const view = member === null ? null : context.house.view(member);
  const own = [view?.address ?? '127.0.1.1', ...(view?.address6 ? [view.address6] : [])];
  const local = '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n';
  const host = network === 'host';
  const files = {
    hosts: `${host ? await textOf('/etc/hosts') : local}${own.map((address) => `${address}\t${names}\n`).join('')}`,
    hostname: `${hostname ?? name}\n`,
    'resolv.conf': host ? await textOf('/etc/resolv.conf') : view === null ? '' : `nameserver ${view.nameServer}\n`,
  };
  for (const [file, text] of Object.entries(files)) {
    const path = join(folder, file);
    // It may belong to an id of the guest by now: replaced, not overwritten.
    rmSync(path, { force: true });
    writeFileSync(path, text, { mode: 0o644, flag: 'wx' });
  }
  return folder;
}

/** A file of the host; empty when it is not there. */
async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

function fileState(path: string): { size: number; inode: number } {
  try {
    const { size, ino } = statSync(path);
    return { size, inode: ino };
  } catch {
    return { size: 0, inode: 0 };
  }
}

/** Waits for both even when one fails, so that taking back does not race with the other. */
async function allOrFirstError<A, B>([a, b]: [Promise<A>, Promise<B>]): Promise<[A, B]> {
  await Promise.allSettled([a, b]);
  return [await a, await b];
}
