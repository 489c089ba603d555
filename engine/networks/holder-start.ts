/**
 * Starting a holder, or meeting one again whose record was lost. `house.starting` is on disk before the process is
 * there and goes when `house.json` is: whoever finds it knows that a holder may run which no record speaks of.
 */
import { existsSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GuesthouseError } from '../contract/errors.ts';
import { exists } from '../host/files.ts';
import { cleanEnv, run, spawnDaemon } from '../host/process.ts';
import { bootId, type ProcessRef, processRef } from '../host/process-ref.ts';
import { findProgram, missingTool } from '../host/tools.ts';
import { hideMixedGroups } from './groups.ts';
import { enterHouse, type Holder, type HousePaths, idsOfThisUser, writeHolder } from './holder.ts';
import { childNamed, childrenOf, commandOf, namespaceOf, processesIn } from './processes.ts';
import { holderMark, straySleeper } from './strays.ts';
import { ownRanges } from './subids.ts';

const SERVICES = ['slirp4netns', 'dnsmasq'];
const START_TIMEOUT_MS = 5_000;

const startingPath = (runFolder: string) => join(runFolder, 'house.starting');
const pinPath = (runFolder: string) => join(runFolder, 'house.net');
const logPath = (runFolder: string) => join(runFolder, 'house.log');

/**
 * Starts a holder. When `previous` died while guests went on, the new one moves into the namespaces they still hold,
 * so nothing of theirs is lost.
 */
export async function startHolder({ home, run: runFolder }: HousePaths, previous: Holder | null): Promise<Holder> {
  const ranges = ownRanges();
  const survivor = previous === null ? null : survivorOf(previous);
  const ids = survivor && previous ? previous.ids : idsOfThisUser();
  const enter =
    survivor === null ? [] : ['nsenter', '-t', String(survivor), ...joinFlags(ids, survivor, runFolder), '--'];
  const make = survivor === null ? newFlags(ids) : [];
  const argv = [
    ...scopeWords(),
    ...enter,
    'unshare',
    ...make,
    '-p',
    '--fork',
    '--kill-child',
    // The services' ends are nobody's news: ignored, they leave no zombies.
    ...['env', '--ignore-signal=CHLD', 'sleep', 'infinity'],
  ];
  await writeFile(startingPath(runFolder), '', { mode: 0o600 });
  const child = spawnDaemon(argv, { logFile: logPath(runFolder), cwd: '/', env: cleanEnv(holderMark(home)) });
  let failed: Error | null = null;
  child.on('error', (error) => {
    failed = error;
  });
  const sleeper = await sleeperBelow(child.pid, () => failed !== null || child.exitCode !== null);
  if (sleeper === null) throw cannotHold(runFolder, failed);
  if (survivor === null && ids === 'range' && ranges) await mapIds(sleeper.pid, ranges);

  const holder = holderOf(sleeper, ids, survivor !== null && (previous?.networkReady ?? false));
  if (survivor === null) await Promise.all([pinNetwork(holder, runFolder), hideGroups(holder)]);
  await writeHolder(runFolder, holder);
  await rm(startingPath(runFolder), { force: true });
  return holder;
}

/** The house of a lost record; null when there is none, or only a half-started one. */
export async function unrecordedHolder({ home, run: runFolder }: HousePaths): Promise<Holder | null> {
  // Without the mounts and sockets of this folder nothing of it could be used.
  if ((await wasStarting(runFolder)) || !(await exists(pinPath(runFolder)))) return null;
  const sleeper = straySleeper(home);
  if (sleeper === null) return null;
  const ids = process.getuid?.() === 0 ? 'root' : idRangesOf(sleeper.pid) > 1 ? 'range' : 'single';
  // Services are started last, so a bridge and a firewall are there wherever one runs.
  const networkReady = SERVICES.some((name) => childNamed(sleeper.pid, name) !== null);
  const holder = holderOf(sleeper, ids, networkReady);
  await writeHolder(runFolder, holder);
  return holder;
}

/** Whether an engine was cut off while it started a holder. */
export async function wasStarting(runFolder: string): Promise<boolean> {
  return exists(startingPath(runFolder));
}

function holderOf(sleeper: ProcessRef, ids: Holder['ids'], networkReady: boolean): Holder {
  return { ...sleeper, bootId: bootId(), mountNamespace: namespaceOf(sleeper.pid, 'mnt') ?? '', ids, networkReady };
}

function idRangesOf(pid: number): number {
  return readFileSync(`/proc/${pid}/uid_map`, 'latin1').trim().split('\n').length;
}

/** A process that still lives in a dead holder's house. */
function survivorOf(holder: Holder): number | null {
  return processesIn(holder.mountNamespace)[0] ?? null;
}

/** Keeps the network namespace for as long as the mount namespace lives, though no process be in it. */
async function pinNetwork(holder: Holder, runFolder: string): Promise<void> {
  await writeFile(pinPath(runFolder), '', { mode: 0o600 });
  const words = ['mount', '--bind', `/proc/${holder.pid}/ns/net`, pinPath(runFolder)];
  await run([...enterHouse(holder, { network: false }), ...words]);
}

/** Without it a slower runtime is found to work, and everything else is the same. */
async function hideGroups(holder: Holder): Promise<void> {
  const words = hideMixedGroups();
  if (words !== null) await run([...enterHouse(holder, { network: false }), ...words]).catch(() => {});
}

function newFlags(ids: Holder['ids']): string[] {
  const user = ids === 'root' ? [] : ids === 'range' ? ['-U'] : ['-U', '-r'];
  // `slave`: what the host mounts later (a stick, a share) arrives inside; nothing goes the other way.
  return [...user, '-n', '-m', '--propagation', 'slave'];
}

function joinFlags(ids: Holder['ids'], survivor: number, runFolder: string): string[] {
  const user = ids === 'root' ? [] : ['-U', '--preserve-credentials'];
  return [...user, '-m', `--net=/proc/${survivor}/root${pinPath(runFolder)}`];
}

/** In a systemd session the holder gets a scope of its own, or logging out would end it with the session. */
function scopeWords(): string[] {
  const runtime = process.env.XDG_RUNTIME_DIR;
  if (process.getuid?.() === 0 || !runtime || !existsSync(join(runtime, 'systemd', 'private'))) return [];
  return ['systemd-run', '--user', '--scope', '--collect', '--quiet', '--'];
}

async function sleeperBelow(pid: number | undefined, hasFailed: () => boolean): Promise<ProcessRef | null> {
  if (pid === undefined) return null;
  for (const end = performance.now() + START_TIMEOUT_MS; performance.now() < end && !hasFailed(); ) {
    const sleeper = childrenOf(pid).find((child) => commandOf(child) === 'sleep');
    if (sleeper !== undefined) return processRef(sleeper);
    await sleep(1);
  }
  return null;
}

async function mapIds(pid: number, ranges: NonNullable<ReturnType<typeof ownRanges>>): Promise<void> {
  const words = (own: number, range: { start: number; count: number }) =>
    [pid, 0, own, 1, 1, range.start, range.count].map(String);
  try {
    await run(['newuidmap', ...words(process.getuid?.() ?? 0, ranges.uids)]);
    await run(['newgidmap', ...words(process.getgid?.() ?? 0, ranges.gids)]);
  } catch (error) {
    process.kill(pid, 'SIGKILL'); // a house without ids is of no use
    throw error;
  }
}

/** What a house is made with; without one of them the kernel was never asked. */
const TOOLS = ['unshare', 'nsenter', 'env', 'sleep', 'mount'];

function cannotHold(runFolder: string, failed: Error | null): GuesthouseError {
  const missing = TOOLS.find((tool) => findProgram(tool) === null);
  if (missing) return missingTool(missing);
  return new GuesthouseError({
    code: 'unsupported',
    message: 'The namespaces that guests live in could not be made.',
    subject: 'house',
    cause: failed?.message ?? lastLine(logPath(runFolder)),
    hint: 'Allow user namespaces for this user (sysctl user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns=0), or run as root.',
  });
}

function lastLine(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim().split('\n').at(-1) ?? '';
  } catch {
    return '';
  }
}
