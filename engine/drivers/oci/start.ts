/** Everything between "start" and the main program running. Each step is taken back by the run's clean-up. */
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GuesthouseError } from '../../contract/errors.ts';
import type { ImageConfig } from '../../contract/image.ts';
import { privateFolder } from '../../host/files.ts';
import { guestFolder, guestRunFolder } from '../../host/paths.ts';
import { run } from '../../host/process.ts';
import { bootId, type ProcessRef, processRef } from '../../host/process-ref.ts';
import type { HouseMember } from '../../networks/house.ts';
import type { DriverContext, GuestRecord, OperationContext } from '../driver.ts';
import { buildBundle } from './bundle.ts';
import { beginConmon, type ConmonRequest } from './conmon.ts';
import { startFailure } from './failure.ts';
import { firstExisting, resolveIdentity } from './identity.ts';
import { commandOf, processSpec } from './process-spec.ts';
import { mountRootfs } from './rootfs.ts';
import { type RunRecord, writeRunRecord } from './run-record.ts';
import { hasManyIds, openFilesHard, type RuntimeChoice, type RuntimeProbe } from './runtime.ts';
import { startByFifo } from './start-fifo.ts';

const CREATE_TIMEOUT_MS = 60_000;
const START_TIMEOUT_MS = 30_000;
/** Beyond it `runc start` is asked, which says why (ms). */
const FIFO_TIMEOUT_MS = 5_000;
/** What a container keeps of its output (bytes); conmon begins the file anew at this size. */
const LOG_MAX_BYTES = 16 * 1024 * 1024;
const PIDS_LIMIT = 4096;
/** Of containers without a command: the best shell the image has. */
export const SHELLS = ['/bin/bash', '/usr/bin/bash', '/bin/sh', '/usr/bin/sh', '/bin/ash'] as const;

export interface StartTools {
  readonly choice: RuntimeChoice;
  readonly conmon: NonNullable<RuntimeProbe['conmon']>;
  readonly runtimeRoot: string;
}

export function logFile(context: DriverContext, guestId: string): string {
  return join(guestFolder(context.paths, guestId), 'console.log');
}

/** Makes the container and answers before its program starts; `go` starts it. */
export async function prepareStart(
  context: DriverContext,
  guest: GuestRecord,
  tools: StartTools,
  operation: OperationContext,
): Promise<{ record: RunRecord; go: () => Promise<void> }> {
  const { house, images, paths } = context;
  const { spec, id } = guest;
  const folder = await privateFolder(guestRunFolder(paths, id));
  const member = { guestId: id, name: spec.name, address: guest.address ?? '', mac: guest.mac, ports: guest.ports };
  const { layers, config } = await images.rootfs(imageIdOf(guest));
  const mounts = await Promise.all(
    spec.mounts.map(async (mount) => ({ ...mount, flags: await sourceFlags(mount.source, spec.name) })),
  );
  const logPath = logFile(context, id);
  const logStart = fileState(logPath);
  const request: ConmonRequest = {
    conmonPath: tools.conmon.path,
    runtimePath: tools.choice.path,
    runtimeRoot: tools.runtimeRoot,
    containerId: id,
    folder,
    logPath,
    logMaxBytes: LOG_MAX_BYTES,
    tty: true,
    keepInput: true,
    noSyncLog: tools.conmon.noSyncLog,
    execSpec: null,
  };
  const conmon = beginConmon(house, request);
  try {
    const [network, root] = await allOrFirstError([
      // Without a network nobody but the container itself needs its namespace, so its runtime makes it.
      spec.network === 'none'
        ? Promise.resolve<{ path: string | null }>({ path: null })
        : house.attachNamespace(member),
      mountRootfs(house, paths, id, layers, operation.signal),
    ]);
    // The mount is seen through the house's own root; nothing in it is ever reached by following the guest's links.
    const seen = `/proc/${house.pid}/root${root}`;
    const args = commandOrShell(guest, config, seen);
    const identity = resolveIdentity(seen, config.user);
    const limits = { cpus: spec.cpus, memoryMib: spec.memoryMib, pids: PIDS_LIMIT, swap: tools.choice.swapLimit };
    const parent = tools.choice.cgroupParent;
    const bundle = buildBundle({
      process: processSpec({
        args,
        tty: true,
        identity,
        image: config,
        hostname: spec.name,
        env: Object.entries(spec.env).map(([name, value]) => `${name}=${value}`),
        openFilesHard: openFilesHard(),
      }),
      hostname: spec.name,
      rootPath: root,
      networkPath: network.path,
      etcFolder: await writeEtc(context, guest, member),
      mounts,
      limits: parent === null ? null : limits,
      cgroupsPath: parent === null ? null : `${parent}/${id}`,
      arch: process.arch,
      manyIds: hasManyIds(house),
    });
    writeFileSync(join(folder, 'config.json'), JSON.stringify(bundle), { mode: 0o600 });

    const options = { timeoutMs: CREATE_TIMEOUT_MS, signal: operation.signal, onAttachable: null };
    const [launched] = await allOrFirstError([
      conmon.go(options),
      spec.network === 'none' ? Promise.resolve() : house.publish(member),
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
      tty: true,
      title: 'main',
      logOffset: logStart.size,
      logInode: logStart.inode,
      started: false,
      paused: false,
      notes: tools.choice.limitsReason === null ? [] : [tools.choice.limitsReason],
    };
    writeRunRecord(folder, record);
    return { record, go: () => startProgram(context, guest, tools, main, args[0] ?? '') };
  } catch (error) {
    conmon.abandon();
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
  if (choice.label.startsWith('runc ') && (await startByFifo(join(runtimeRoot, id), main, FIFO_TIMEOUT_MS))) return;
  const words = [...house.enter({ network: false }), choice.path, '--root', runtimeRoot, 'start', id];
  const result = await run(words, { timeoutMs: START_TIMEOUT_MS, okCodes: [0, 1] });
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

/** Throws `not-found` for a folder that is not there; answers flags a read-only view of it has to keep. */
export async function sourceFlags(source: string, guest: string): Promise<string[]> {
  try {
    await stat(source);
  } catch (error) {
    throw new GuesthouseError({
      code: (error as NodeJS.ErrnoException).code === 'EACCES' ? 'denied' : 'not-found',
      message: `The folder ${source} that ${guest} shall see does not exist or cannot be reached.`,
      subject: source,
      cause: (error as Error).message,
    });
  }
  // In a user namespace a mount's own restrictions cannot be lifted, and must be said again when it is mounted anew.
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').map((line) => line.split(' '));
  let best: string[] = [];
  for (const fields of mounts) {
    const point = fields[4] ?? '';
    const above = point === '/' || source === point || source.startsWith(`${point}/`);
    if (above && point.length >= (best[4]?.length ?? 0)) best = fields;
  }
  return (best[5] ?? '').split(',').filter((flag) => flag === 'noexec');
}

/** Files of /etc that name the guest and its network. Made anew each time: the last run may have changed them. */
async function writeEtc(context: DriverContext, guest: GuestRecord, member: HouseMember): Promise<string> {
  const folder = await privateFolder(join(guestFolder(context.paths, guest.id), 'etc'));
  const { name, network } = guest.spec;
  const own = network === 'none' || member.address === '' ? '127.0.1.1' : member.address;
  const files = {
    hosts: `127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n${own}\t${name}\n`,
    hostname: `${name}\n`,
    'resolv.conf': network === 'none' ? '' : `nameserver ${context.house.gateway}\n`,
  };
  for (const [file, text] of Object.entries(files)) {
    const path = join(folder, file);
    // It may belong to an id of the guest by now: replaced, not overwritten.
    rmSync(path, { force: true });
    writeFileSync(path, text, { mode: 0o644, flag: 'wx' });
  }
  return folder;
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
