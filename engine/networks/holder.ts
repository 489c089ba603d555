/**
 * The holder: a sleeping process whose namespaces are the house. It is the first process of a PID namespace of its own
 * in which the house's services live too, so the kernel ends those with it; guests only share its user, mount and
 * network namespaces.
 */
import { existsSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GuesthouseError } from '../contract/errors.ts';
import { exists, readJson, writeAtomic } from '../host/files.ts';
import type { Paths } from '../host/paths.ts';
import { cleanEnv, run, spawnDaemon } from '../host/process.ts';
import { bootId, isAlive, type ProcessRef, processRef, signalProcess } from '../host/process-ref.ts';
import { childrenOf, commandOf, namespaceOf, processesIn } from './processes.ts';
import { holderMark, strayAtWork } from './strays.ts';
import { ownRanges } from './subids.ts';

/** Where a house belongs. */
export type HousePaths = Pick<Paths, 'home' | 'run'>;

/** What `house.json` in the run folder says. */
export interface Holder extends ProcessRef {
  readonly bootId: string;
  readonly mountNamespace: string;
  /** Whose ids exist inside: all, the user and a subordinate range, or the user alone. */
  readonly ids: 'root' | 'range' | 'single';
  /** Bridge and firewall are complete. */
  readonly networkReady: boolean;
}

/** Whose ids a new house of this user would have. */
export function idsOfThisUser(): Holder['ids'] {
  return process.getuid?.() === 0 ? 'root' : ownRanges() ? 'range' : 'single';
}

const START_TIMEOUT_MS = 5_000;
const END_TIMEOUT_MS = 5_000;
/** How long what is left may take to end by itself once the holder is gone. */
const ALONE_MS = 200;

const recordPath = (runFolder: string) => join(runFolder, 'house.json');
const startingPath = (runFolder: string) => join(runFolder, 'house.starting');
const pinPath = (runFolder: string) => join(runFolder, 'house.net');
const logPath = (runFolder: string) => join(runFolder, 'house.log');

export async function writeHolder(runFolder: string, holder: Holder): Promise<void> {
  await writeAtomic(recordPath(runFolder), JSON.stringify(holder));
}

/** The holder recorded by us or an earlier engine; null without one, or when the host was restarted since. */
export async function recordedHolder(runFolder: string): Promise<Holder | null> {
  const holder = await readJson<Holder>(recordPath(runFolder)).catch(() => null);
  return holder !== null && holder.bootId === bootId() ? holder : null;
}

/**
 * The words that lead into the house. Credentials are kept rather than set: our user is root inside already, and
 * keeps its supplementary groups (access to /dev/kvm) that way. The working folder becomes `/`.
 */
export function enterHouse(holder: Holder, options: { network: boolean }): string[] {
  return [...enterUser(holder), '-m', ...(options.network ? ['-n'] : []), '--'];
}

/**
 * `nsenter` words for something that lives in the holder's PID namespace too and so ends with it. `nsenter` stays as
 * its parent. What goes to the background there becomes the holder's child.
 */
export function enterAsService(holder: Holder, options: { inside: boolean }): string[] {
  return [...enterUser(holder), ...(options.inside ? ['-m', '-n'] : []), '-p', '--'];
}

function enterUser(holder: Holder): string[] {
  const user = holder.ids === 'root' ? [] : ['-U', '--preserve-credentials'];
  return ['nsenter', '-t', String(holder.pid), ...user];
}

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
  // Whoever finds this and no record knows that a holder may run nevertheless.
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
  if (survivor === null) await pinNetwork(holder, runFolder);
  await writeHolder(runFolder, holder);
  await rm(startingPath(runFolder), { force: true });
  return holder;
}

/** The house of a lost record, when it is whole and at work. */
export async function unrecordedHolder({ home, run: runFolder }: HousePaths): Promise<Holder | null> {
  // Without this folder's mounts and sockets nothing of it could be used.
  if (!(await exists(pinPath(runFolder)))) return null;
  const sleeper = strayAtWork(home);
  if (sleeper === null) return null;
  const ids = process.getuid?.() === 0 ? 'root' : idRangesOf(sleeper.pid) > 1 ? 'range' : 'single';
  const holder = holderOf(sleeper, ids, true);
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
  for (const end = Date.now() + START_TIMEOUT_MS; Date.now() < end && !hasFailed(); ) {
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

function cannotHold(runFolder: string, failed: Error | null): GuesthouseError {
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

/** Ends the holder and everything that still lives in its mount namespace. Resolves when all of it is gone. */
export async function endHolder(holder: Holder): Promise<void> {
  const begin = Date.now();
  signalProcess(holder, 'SIGKILL');
  for (;;) {
    const pids = [...new Set([...(isAlive(holder) ? [holder.pid] : []), ...processesIn(holder.mountNamespace)])];
    if (pids.length === 0) return;
    // The services go with the holder; killing their parents as well would only leave them to a slower one to bury.
    if (Date.now() > begin + ALONE_MS) for (const pid of pids) kill(pid);
    if (Date.now() > begin + END_TIMEOUT_MS) {
      throw new GuesthouseError({
        code: 'timeout',
        message: `Processes of the house did not end: ${pids.join(', ')}.`,
      });
    }
    await sleep(5);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // gone between looking and acting
  }
}
