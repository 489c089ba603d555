/**
 * Counters of a set of processes, for guests without a cgroup of their own (rootless on cgroup v1) and for QEMU.
 * Formats: proc(5), /proc/<pid>/stat, statm and io.
 */
import type { Counters } from '../drivers/driver.ts';
import { readPseudoFile } from './pseudofile.ts';

const TICK_NS = 1e7;
/** Unit of statm (bytes); 4 KiB on every host QEMU and runc are packaged for but a few arm64 kernels. */
const PAGE_BYTES = 4096;

/** A source of counters that keeps what it needs between two readings. */
export interface CounterSource {
  /** null: the guest is gone. */
  read(): Counters | null;
  close(): void;
}

/**
 * Processor time of a process and of those of its children it waited for, in nanoseconds. So a child's time moves to
 * its parent when it ends, and the sum over a tree of processes loses nothing.
 */
export function parseProcessCpu(stat: string): number | null {
  // The second field is the program's name in parentheses and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const sum = [11, 12, 13, 14].reduce((total, index) => total + Number(fields[index]), 0);
  return Number.isNaN(sum) ? null : sum * TICK_NS;
}

/** Resident memory and the part of it shared with files and other processes (bytes). */
export function parseStatm(statm: string): { residentBytes: number; sharedBytes: number } | null {
  const [, resident, shared] = statm.split(' ').map(Number);
  if (resident === undefined || shared === undefined || Number.isNaN(resident + shared)) return null;
  return { residentBytes: resident * PAGE_BYTES, sharedBytes: shared * PAGE_BYTES };
}

/** Bytes the process caused to be read from and written to storage. Written ones count when the page is dirtied. */
export function parseProcessIo(io: string): { readBytes: number; writeBytes: number } | null {
  const field = (name: string) => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(io)?.[1] ?? Number.NaN);
  const readBytes = field('read_bytes');
  const writeBytes = field('write_bytes');
  return Number.isNaN(readBytes + writeBytes) ? null : { readBytes, writeBytes };
}

/** A process and all its descendants, itself first. Empty when it is gone. */
export function processTree(root: number): number[] {
  const found = [root];
  for (let index = 0; index < found.length && found.length < MAX_PROCESSES; index++) {
    const pid = found[index] as number;
    const children = readPseudoFile(`/proc/${pid}/task/${pid}/children`);
    if (children === null) {
      if (index === 0) return [];
      continue;
    }
    for (const child of children.split(' ')) if (child !== '') found.push(Number(child));
  }
  return found;
}

/** More are not looked at, so that a fork bomb in a guest does not stop the sampler. */
const MAX_PROCESSES = 2000;

/** What a set of processes read and wrote, those that ended meanwhile included up to the last reading. */
export function createProcessIo(): (pids: readonly number[]) => { readBytes: number; writeBytes: number } | null {
  let last = new Map<number, { readBytes: number; writeBytes: number }>();
  const total = { readBytes: 0, writeBytes: 0 };
  return (pids) => {
    const now: typeof last = new Map();
    for (const pid of pids.slice(0, MAX_PROCESSES)) {
      const io = parseProcessIo(readPseudoFile(`/proc/${pid}/io`) ?? '');
      if (!io) continue;
      now.set(pid, io);
      const before = last.get(pid);
      // Less than before: another process that got the same number.
      const same = before && before.readBytes <= io.readBytes && before.writeBytes <= io.writeBytes;
      total.readBytes += io.readBytes - (same ? before.readBytes : 0);
      total.writeBytes += io.writeBytes - (same ? before.writeBytes : 0);
    }
    last = now;
    return pids.length > 0 && now.size === 0 ? null : { ...total };
  };
}

/** Sums over the processes `pids` names at each reading; counters never fall while the source lives. */
export function openProcesses(pids: () => readonly number[]): CounterSource {
  const ioOf = createProcessIo();
  let lastCpuNs = 0;
  let cpuNs = 0;
  return {
    read() {
      const list = pids().slice(0, MAX_PROCESSES);
      let currentCpuNs = 0;
      let privateBytes = 0;
      let sharedBytes = 0;
      let alive = 0;
      for (const pid of list) {
        const cpu = parseProcessCpu(readPseudoFile(`/proc/${pid}/stat`) ?? '');
        const memory = parseStatm(readPseudoFile(`/proc/${pid}/statm`) ?? '');
        if (cpu === null || memory === null) continue;
        alive++;
        currentCpuNs += cpu;
        privateBytes += memory.residentBytes - memory.sharedBytes;
        // Mostly the same libraries in all of them: counted once, not once per process.
        sharedBytes = Math.max(sharedBytes, memory.sharedBytes);
      }
      if (alive === 0) return null;
      // A child nobody waited for takes its time with it.
      cpuNs += Math.max(0, currentCpuNs - lastCpuNs);
      lastCpuNs = currentCpuNs;
      const io = ioOf(list);
      return {
        cpuNs,
        memoryBytes: privateBytes + sharedBytes,
        diskReadBytes: io?.readBytes ?? null,
        diskWriteBytes: io?.writeBytes ?? null,
        processes: alive,
      };
    },
    close() {},
  };
}
