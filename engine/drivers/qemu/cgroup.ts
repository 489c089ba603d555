/** A control group for each machine, where we are root: limits for the whole of QEMU, and true counters. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TCG_CACHE_MIB } from './argv/accelerators.ts';

const ROOT = '/sys/fs/cgroup';
const PARENT = 'guesthouse';
/**
 * Of version 1. Not `cpu`: a group there weighs as much as a single thread beside it, so on a busy host all guests
 * together would get the share of one; a machine's processors are limited by their number already.
 */
const CONTROLLERS = ['cpuacct', 'memory', 'pids', 'blkio', 'freezer'];
/** QEMU's own memory beside the guest's: program, devices, disk cache tables, a screen (MiB). */
const OVERHEAD_MIB = 512;
/** Threads for processors, disk requests and screens. */
const MAX_TASKS = 512;
const REMOVE_TRIES = 50;
const REMOVE_WAIT_MS = 20;

/** Folders of the guest's group; version 2 has one. Empty where there are none to be had. */
export function machineCgroups(guestId: string): string[] {
  if (process.getuid?.() !== 0) return [];
  if (existsSync(join(ROOT, 'cgroup.controllers'))) return [join(ROOT, PARENT, guestId)];
  return CONTROLLERS.filter((name) => existsSync(join(ROOT, name))).map((name) => join(ROOT, name, PARENT, guestId));
}

/** Makes the group, sets its limits and moves the process in. Answers what could not be done, in words. */
export function enterCgroup(guestId: string, pid: number, memoryMib: number): string[] {
  const notes: string[] = [];
  for (const folder of machineCgroups(guestId)) {
    try {
      mkdirSync(folder, { recursive: true });
      if (existsSync(join(ROOT, 'cgroup.controllers'))) enableControllers();
      writeLimits(folder, { ...memoryLimits(memoryMib), 'pids.max': String(MAX_TASKS) });
      writeFileSync(join(folder, 'cgroup.procs'), String(pid));
    } catch (error) {
      if (notes.length === 0) notes.push(`QEMU's memory is not limited: ${(error as Error).message}`);
    }
  }
  return notes;
}

/** For a machine that was given another memory. What cannot be limited is not. */
export function limitMemory(guestId: string, memoryMib: number): void {
  for (const folder of machineCgroups(guestId)) {
    try {
      writeLimits(folder, memoryLimits(memoryMib));
    } catch {
      // More is in use; the guest keeps to its size by itself.
    }
  }
}

/** Of version 1 and of version 2. */
function memoryLimits(memoryMib: number) {
  const limit = String((memoryMib + TCG_CACHE_MIB + OVERHEAD_MIB) * 1024 * 1024);
  return { 'memory.limit_in_bytes': limit, 'memory.max': limit };
}

function writeLimits(folder: string, limits: Readonly<Record<string, string>>): void {
  for (const [file, value] of Object.entries(limits))
    if (existsSync(join(folder, file))) writeFileSync(join(folder, file), value);
}

/** On version 2 a group's children have only the controllers that it hands on. */
function enableControllers(): void {
  for (const folder of [ROOT, join(ROOT, PARENT)]) {
    for (const name of ['memory', 'pids', 'cpu', 'io']) {
      try {
        writeFileSync(join(folder, 'cgroup.subtree_control'), `+${name}`);
      } catch {
        // Not available here; the files it would bring are then skipped.
      }
    }
  }
}

/** Whether the kernel ended something in the group for want of memory. */
export function ranOutOfMemory(guestId: string): boolean {
  return machineCgroups(guestId).some((folder) =>
    ['memory.oom_control', 'memory.events'].some((file) => /^oom_kill [1-9]/m.test(read(join(folder, file)))),
  );
}

/** A group is busy until the kernel has let go of its last thread, a moment after the process is gone. */
export async function removeCgroup(guestId: string): Promise<void> {
  for (let tries = 0; tries < REMOVE_TRIES; tries++) {
    const left = machineCgroups(guestId).filter((folder) => !removed(folder));
    if (left.length === 0) return;
    await sleep(REMOVE_WAIT_MS);
  }
}

function removed(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
