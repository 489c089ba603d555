/** The host's own counters. Formats: proc(5), Documentation/admin-guide/iostats.rst of Linux. */
import { readdirSync, realpathSync } from 'node:fs';
import { cpus } from 'node:os';
import { parsePressure } from './cgroup.ts';
import { openPseudoFile, type PseudoFile } from './pseudofile.ts';
import type { Reading } from './rates.ts';

/** Unit of /proc/stat (nanoseconds): USER_HZ is 100 on every architecture Node runs on. */
const TICK_NS = 1e7;

/** Unit of /proc/diskstats, whatever the disk's own (bytes). */
const SECTOR_BYTES = 512;

/** Processor time spent working, of all processors, in nanoseconds. Waiting and what a hypervisor took do not count. */
export function parseCpuStat(text: string): number | null {
  const line = /^cpu +(.*)$/m.exec(text)?.[1];
  if (line === undefined) return null;
  const [user, nice, system, , , irq, softIrq] = line.split(/ +/).map(Number);
  return ((user ?? 0) + (nice ?? 0) + (system ?? 0) + (irq ?? 0) + (softIrq ?? 0)) * TICK_NS;
}

/** Memory in use that could not be given to somebody else at once, and all memory (bytes). */
export function parseMemInfo(text: string): { usedBytes: number; totalBytes: number } | null {
  const kib = (name: string) => Number(new RegExp(`^${name}: +(\\d+) kB`, 'm').exec(text)?.[1] ?? Number.NaN);
  const totalBytes = kib('MemTotal') * 1024;
  const usedBytes = totalBytes - kib('MemAvailable') * 1024;
  return Number.isNaN(usedBytes) ? null : { usedBytes, totalBytes };
}

/** What was read from and written to the disks named; partitions and stacked devices would count twice. */
export function parseDiskStats(text: string, disks: ReadonlySet<string>) {
  let readBytes = 0;
  let writeBytes = 0;
  let readOps = 0;
  let writeOps = 0;
  for (const line of text.split('\n')) {
    const [, , name, reads, , sectorsRead, , writes, , sectorsWritten] = line.trim().split(/ +/);
    if (name === undefined || !disks.has(name)) continue;
    readBytes += Number(sectorsRead) * SECTOR_BYTES;
    writeBytes += Number(sectorsWritten) * SECTOR_BYTES;
    readOps += Number(reads);
    writeOps += Number(writes);
  }
  return { readBytes, writeBytes, readOps, writeOps };
}

/** Bytes and packets in and out of the interfaces named. */
export function parseNetDev(text: string, isCounted: (name: string) => boolean) {
  let inBytes = 0;
  let outBytes = 0;
  let inPackets = 0;
  let outPackets = 0;
  for (const line of text.split('\n')) {
    const match = /^\s*([^:\s]+):\s*(.*)$/.exec(line);
    if (!match || !isCounted(match[1] as string)) continue;
    const fields = (match[2] as string).split(/\s+/);
    inBytes += Number(fields[0]);
    outBytes += Number(fields[8]);
    inPackets += Number(fields[1]);
    outPackets += Number(fields[9]);
  }
  return { inBytes, outBytes, inPackets, outPackets };
}

/** Processes and threads, from `0.00 0.01 0.05 1/234 5678`. */
export function parseTasks(loadavg: string): number | undefined {
  const tasks = /\d+\/(\d+)/.exec(loadavg)?.[1];
  return tasks === undefined ? undefined : Number(tasks);
}

export interface HostCounters {
  readonly cpus: number;
  /** All memory of the host (bytes); null when it does not say. */
  readonly memoryTotalBytes: number | null;
  /** `atMs` is the caller's clock. */
  read(atMs: number): Reading;
  close(): void;
}

/** How often the list of disks and interfaces is made anew (ms); a disk plugged in shows up this late. */
const DEVICES_EVERY_MS = 30_000;

export function openHost(): HostCounters {
  const names = [
    'stat',
    'meminfo',
    'diskstats',
    'net/dev',
    'loadavg',
    'pressure/cpu',
    'pressure/memory',
    'pressure/io',
  ] as const;
  const files = Object.fromEntries(names.map((name) => [name, openPseudoFile(`/proc/${name}`)])) as Record<
    (typeof names)[number],
    PseudoFile | null
  >;
  let disks = new Set<string>();
  let interfaces = new Set<string>();
  let listedAtMs = Number.NEGATIVE_INFINITY;
  let memoryTotalBytes: number | null = null;
  const text = (name: (typeof names)[number]) => files[name]?.read() ?? null;
  const count = cpus().length || 1;

  return {
    cpus: count,
    get memoryTotalBytes() {
      return memoryTotalBytes;
    },
    read(atMs) {
      if (atMs - listedAtMs >= DEVICES_EVERY_MS) {
        listedAtMs = atMs;
        disks = physical('/sys/block');
        interfaces = physical('/sys/class/net');
      }
      const memory = parseMemInfo(text('meminfo') ?? '');
      memoryTotalBytes = memory?.totalBytes ?? null;
      const diskText = text('diskstats');
      const disk = diskText === null ? null : parseDiskStats(diskText, disks);
      const netText = text('net/dev');
      const net = netText === null ? null : parseNetDev(netText, (name) => interfaces.has(name));
      return {
        atMs,
        cpuNs: parseCpuStat(text('stat') ?? ''),
        memoryBytes: memory?.usedBytes ?? null,
        diskReadBytes: disk?.readBytes ?? null,
        diskWriteBytes: disk?.writeBytes ?? null,
        netInBytes: net?.inBytes ?? null,
        netOutBytes: net?.outBytes ?? null,
        diskReadOps: disk?.readOps,
        diskWriteOps: disk?.writeOps,
        netInPackets: net?.inPackets,
        netOutPackets: net?.outPackets,
        processes: parseTasks(text('loadavg') ?? ''),
        cpuPressureUs: parsePressure(text('pressure/cpu')),
        memoryPressureUs: parsePressure(text('pressure/memory')),
        ioPressureUs: parsePressure(text('pressure/io')),
      };
    },
    close() {
      for (const file of Object.values(files)) file?.close();
    },
  };
}

/**
 * Devices with hardware behind them: loop, zram, dm and md devices, bridges, veths and tunnels are all "virtual" to
 * the kernel. Where none is left (a container without hardware), everything but loopback counts.
 */
function physical(folder: string): Set<string> {
  try {
    const all = readdirSync(folder).filter((name) => name !== 'lo');
    const real = all.filter((name) => {
      try {
        return !realpathSync(`${folder}/${name}`).includes('/devices/virtual/');
      } catch {
        return false;
      }
    });
    return new Set(real.length > 0 ? real : all);
  } catch {
    return new Set();
  }
}
