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

/** These and everything they started, directly or not, as far as its line of parents still lives. */
export function withDescendants(pids: readonly number[]): number[] {
  const children = new Map<number, number[]>();
  for (const pid of allPids()) {
    const stat = read(`/proc/${pid}/stat`);
    if (stat === null) continue;
    // State and parent follow the name, which may hold anything (proc_pid_stat(5)).
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const found = new Set(pids);
  // A set that grows while it is gone through is gone through to its new end.
  for (const pid of found) for (const child of children.get(pid) ?? []) found.add(child);
  return [...found];
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
