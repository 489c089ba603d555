/** Questions about processes, answered from /proc. A pid alone is never trusted: it is used again. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Kernel start time of a living process (clock ticks since boot); null when it is gone or a zombie. */
export function startTimeOf(pid: number): string | null {
  const fields = statFields(pid);
  return fields === null || fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
}

/** Name of a living process as the kernel has it (15 bytes at most); null when gone or a zombie. */
export function commandOf(pid: number): string | null {
  if (startTimeOf(pid) === null) return null;
  return read(`/proc/${pid}/comm`)?.trim() ?? null;
}

/** Direct children of a process's main thread. */
export function childrenOf(pid: number): number[] {
  return (read(`/proc/${pid}/task/${pid}/children`) ?? '').split(' ').filter(Boolean).map(Number);
}

/** A living child of this name. */
export function childNamed(pid: number, command: string): number | null {
  return childrenOf(pid).find((child) => commandOf(child) === command) ?? null;
}

/** `mnt:[4026532245]`; null when gone or not ours to see. */
export function namespaceOf(pid: number, kind: 'mnt' | 'net' | 'user'): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/${kind}`);
  } catch {
    return null;
  }
}

/** Every living process in this mount namespace. Looks at all processes: not for every second. */
export function processesIn(mountNamespace: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => namespaceOf(pid, 'mnt') === mountNamespace && startTimeOf(pid) !== null);
}

/** Changes with every boot of the host. */
export function bootId(): string {
  return read('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
}

/** Fields after the command's name: state is 0, start time is 19 (proc(5) counts them 3 and 22). */
function statFields(pid: number): string[] | null {
  const stat = read(`/proc/${pid}/stat`);
  return stat === null ? null : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
