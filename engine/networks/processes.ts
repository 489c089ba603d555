/** Questions about processes and their namespaces, answered from /proc. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { processRef } from '../host/process-ref.ts';

/** Name of a living process as the kernel has it (15 bytes at most); null when gone or a zombie. */
export function commandOf(pid: number): string | null {
  return processRef(pid) === null ? null : (read(`/proc/${pid}/comm`)?.trim() ?? null);
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
  return allPids().filter((pid) => namespaceOf(pid, 'mnt') === mountNamespace && processRef(pid) !== null);
}

export function allPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
