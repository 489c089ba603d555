/**
 * The holder: a sleeping process whose namespaces are the house. It is the first process of a PID namespace of its own
 * in which the house's services live too, so the kernel ends those with it; guests only share its user, mount and
 * network namespaces.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GuesthouseError } from '../contract/errors.ts';
import { readJson, writeAtomic } from '../host/files.ts';
import type { Paths } from '../host/paths.ts';
import { bootId, isAlive, type ProcessRef, signalProcess } from '../host/process-ref.ts';
import { processesIn } from './processes.ts';
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
  /** Version of the firewall's rules it has; left out: older than the first one that had a number. */
  readonly rules?: number;
}

/** Whose ids a new house of this user would have. */
export function idsOfThisUser(): Holder['ids'] {
  return process.getuid?.() === 0 ? 'root' : ownRanges() ? 'range' : 'single';
}

const END_TIMEOUT_MS = 5_000;
/** How long what is left may take to end by itself once the holder is gone. */
const ALONE_MS = 200;

const recordPath = (runFolder: string) => join(runFolder, 'house.json');

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
 * keeps its supplementary groups (access to /dev/kvm) that way. The working folder becomes `/`, or `folder`: gone to
 * from inside, because a folder that `nsenter --wd` opened outside has no path there (and `--wdns` is too young).
 */
export function enterHouse(holder: Holder, { network, folder }: { network: boolean; folder?: string }): string[] {
  return [
    ...enterUser(holder),
    '-m',
    ...(network ? ['-n'] : []),
    '--',
    ...(folder ? ['env', `--chdir=${folder}`] : []),
  ];
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

/** Ends the holder and everything that still lives in its mount namespace. Resolves when all of it is gone. */
export async function endHolder(holder: Holder): Promise<void> {
  const begin = performance.now();
  signalProcess(holder, 'SIGKILL');
  for (;;) {
    const pids = [...new Set([...(isAlive(holder) ? [holder.pid] : []), ...processesIn(holder.mountNamespace)])];
    if (pids.length === 0) return;
    // The services go with the holder; killing their parents as well would only leave them to a slower one to bury.
    if (performance.now() > begin + ALONE_MS) for (const pid of pids) kill(pid);
    if (performance.now() > begin + END_TIMEOUT_MS) {
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
