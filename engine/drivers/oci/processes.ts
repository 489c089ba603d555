/** Processes of the host by number, told apart from later ones of the same number by their start time. */
import { readFileSync } from 'node:fs';

export interface ProcessRef {
  readonly pid: number;
  /** Clock ticks after boot (field 22 of /proc/<pid>/stat). */
  readonly startTicks: number;
}

/** Fields of /proc/<pid>/stat from the third (state) on; null when there is no such process. */
function stat(pid: number): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

/** null when it does not exist, or is only waiting for its parent to notice its end. */
export function processRef(pid: number): ProcessRef | null {
  const fields = stat(pid);
  if (!fields || fields[0] === 'Z' || fields[0] === 'X') return null;
  return { pid, startTicks: Number(fields[19]) };
}

export function isAlive(ref: ProcessRef): boolean {
  return processRef(ref.pid)?.startTicks === ref.startTicks;
}

/** Sends a signal unless the number means another process by now. */
export function signalProcess(ref: ProcessRef, signal: NodeJS.Signals): boolean {
  if (!isAlive(ref)) return false;
  try {
    return process.kill(ref.pid, signal);
  } catch {
    return false;
  }
}
