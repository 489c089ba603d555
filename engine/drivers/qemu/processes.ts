/** QEMU's processes by number and start time, so that a number used again is never taken for ours. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProcessRef {
  readonly pid: number;
  /** Field 22 of /proc/<pid>/stat: clock ticks between boot and its start. */
  readonly startTicks: number;
}

/** null when there is none, or when it ended and only waits to be noticed. */
export function processRef(pid: number): ProcessRef | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return null;
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? null : { pid, startTicks: Number(fields[19]) };
}

export function isAlive(ref: ProcessRef): boolean {
  return processRef(ref.pid)?.startTicks === ref.startTicks;
}

export function signal(ref: ProcessRef, name: NodeJS.Signals): void {
  if (!isAlive(ref)) return;
  try {
    process.kill(ref.pid, name);
  } catch {
    // It ended between the look and the deed.
  }
}

/** Waits for its end; false when it still runs after `timeoutMs`. */
export async function ended(ref: ProcessRef, timeoutMs: number): Promise<boolean> {
  const until = performance.now() + timeoutMs;
  while (isAlive(ref)) {
    if (performance.now() >= until) return false;
    await sleep(Math.min(20, Math.max(1, until - performance.now())));
  }
  return true;
}

/** Changes with every boot of the host: start ticks of another boot mean nothing. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
