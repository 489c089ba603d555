/** Processes of the host by number, told apart from later ones of the same number by their start time. */
import { readFileSync } from './lean.ts';

export interface ProcessRef {
  readonly pid: number;
  /** Clock ticks between boot and its start (field 22 of /proc/<pid>/stat, proc_pid_stat(5)). */
  readonly startTicks: number;
}

/** null when there is none, or when it ended and only waits for its parent to notice. */
export function processRef(pid: number): ProcessRef | null {
  const startTicks = startTicksIn(text(`/proc/${pid}/stat`));
  return startTicks === null ? null : { pid, startTicks };
}

/**
 * Start ticks in the text of /proc/<pid>/stat; null for none, a zombie or a dead one. A zombie that has further threads is
 * still ending: its files are open, and locked, until the last of them is gone. Pure.
 */
export function startTicksIn(stat: string): number | null {
  // The name in parentheses may hold spaces and parentheses; what follows the last one is regular.
  const state = stat.lastIndexOf(')') + 2;
  const threads = wordAt(stat, state, 17);
  const ticks = wordAt(stat, threads, 2);
  if (ticks < 0) return null;
  const isOver = stat[state] === 'X' || (stat[state] === 'Z' && Number.parseInt(stat.slice(threads), 10) <= 1);
  return isOver ? null : Number.parseInt(stat.slice(ticks), 10);
}

/** Where the word begins that is `count` after the one at `from`; -1: there are fewer. Without an array: a list asks often. */
function wordAt(text: string, from: number, count: number): number {
  let at = from;
  for (let left = count; left > 0 && at > 0; left--) at = text.indexOf(' ', at) + 1;
  return at > 0 ? at : -1;
}

export function isAlive(ref: ProcessRef): boolean {
  return processRef(ref.pid)?.startTicks === ref.startTicks;
}

/** Whether both run: a process whose parent ended has been handed to another. */
export function isChild(ref: ProcessRef, parent: ProcessRef): boolean {
  const stat = text(`/proc/${ref.pid}/stat`);
  return startTicksIn(stat) === ref.startTicks && parentIn(stat) === parent.pid;
}

/** Number of the parent in the text of /proc/<pid>/stat (field 4). Pure. */
function parentIn(stat: string): number {
  return Number.parseInt(stat.slice(wordAt(stat, stat.lastIndexOf(')') + 2, 1)), 10);
}

/** Sends a signal unless the number means another process by now. Answers whether it was sent. */
export function signalProcess(ref: ProcessRef, signal: NodeJS.Signals | number): boolean {
  if (!isAlive(ref)) return false;
  try {
    return process.kill(ref.pid, signal);
  } catch {
    return false; // it ended between the look and the deed, or is another user's
  }
}

/** Longest wait between two looks (ms). */
const LOOK_EVERY_MS = 20;

/** Waits for its end; false when it still runs after `timeoutMs`. */
export async function ended(ref: ProcessRef, timeoutMs: number): Promise<boolean> {
  const until = performance.now() + timeoutMs;
  while (isAlive(ref)) {
    const left = until - performance.now();
    if (left <= 0) return false;
    const waitMs = Math.min(LOOK_EVERY_MS, Math.max(1, left));
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
  return true;
}

let boot: string | null = null;

/** Changes with every boot of the host: pids and start ticks of another boot mean nothing. */
export function bootId(): string {
  boot ??= text('/proc/sys/kernel/random/boot_id').trim();
  return boot;
}

function text(path: string): string {
  try {
    return readFileSync(path, 'utf8'); // Node's fast way, which others are not
  } catch {
    return '';
  }
}
