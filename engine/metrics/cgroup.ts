/**
 * Counters of a guest's cgroup. Formats: Documentation/admin-guide/cgroup-v1/{cpuacct,memory,blkio-controller}.rst
 * and cgroup-v2.rst of Linux.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type CounterSource, createProcessIo } from './processes.ts';
import { openPseudoFile, type PseudoFile } from './pseudofile.ts';
import { unlessQuiet } from './quiet.ts';

/** Bytes by device, `8:0`. */
export type DeviceBytes = ReadonlyMap<string, { readonly readBytes: number; readonly writeBytes: number }>;

/** A number after a name at the start of a line: `inactive_file 4096`. */
export function parseField(text: string, name: string): number | null {
  const value = new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1];
  return value === undefined ? null : Number(value);
}

/** v1 `blkio.throttle.io_service_bytes`: `8:0 Read 4096`. */
export function parseBlkio(text: string): DeviceBytes {
  const devices = new Map<string, { readBytes: number; writeBytes: number }>();
  for (const [, device, act, bytes] of text.matchAll(/^(\d+:\d+) (Read|Write) (\d+)$/gm)) {
    const entry = devices.get(device as string) ?? { readBytes: 0, writeBytes: 0 };
    entry[act === 'Read' ? 'readBytes' : 'writeBytes'] = Number(bytes);
    devices.set(device as string, entry);
  }
  return devices;
}

/** v2 `io.stat`: `8:0 rbytes=4096 wbytes=0 rios=1 …`. */
export function parseIoStat(text: string): DeviceBytes {
  const devices = new Map<string, { readBytes: number; writeBytes: number }>();
  for (const [, device, fields] of text.matchAll(/^(\d+:\d+) (.*)$/gm)) {
    const number = (name: string) => Number(new RegExp(`\\b${name}=(\\d+)`).exec(fields as string)?.[1] ?? 0);
    devices.set(device as string, { readBytes: number('rbytes'), writeBytes: number('wbytes') });
  }
  return devices;
}

/** Microseconds in which something waited, `some avg10=0.00 … total=1234`; undefined: not told (Documentation/accounting/psi.rst). */
export function parsePressure(text: string | null | undefined): number | undefined {
  const total = /^some .*\btotal=(\d+)/m.exec(text ?? '')?.[1];
  return total === undefined ? undefined : Number(total);
}

/** Operations of v2 `io.stat` in the shape of its bytes. */
export function parseIoOps(text: string): DeviceBytes {
  return parseIoStat(
    text
      .replaceAll(/\b(rbytes|wbytes)=\d+/g, '')
      .replaceAll('rios=', 'rbytes=')
      .replaceAll('wios=', 'wbytes='),
  );
}

/** The sum, without devices that only pass on to others in the list (encryption, LVM), which would count twice. */
export function sumDevices(devices: DeviceBytes, isStacked: (device: string) => boolean) {
  const sum = { readBytes: 0, writeBytes: 0 };
  const bottom = [...devices].filter(([device]) => !isStacked(device));
  for (const [, bytes] of bottom.length > 0 ? bottom : devices) {
    sum.readBytes += bytes.readBytes;
    sum.writeBytes += bytes.writeBytes;
  }
  return sum;
}

/** Page cache that nobody uses now is not counted: the kernel takes it back at once (as `docker stats` does). */
function usedMemory(usage: string | null, inactiveFile: number | null): number | null {
  return usage === null ? null : Math.max(0, Number(usage) - (inactiveFile ?? 0));
}

/** Absolute folder of the guest in each v1 hierarchy; null where the guest has none of its own. */
export interface CgroupV1Folders {
  readonly cpuacct: string | null;
  readonly memory: string | null;
  readonly blkio: string | null;
  readonly pids?: string | null;
}

/**
 * v1 charges what the page cache writes back later to nobody (or the root), so blkio misses nearly all of a guest's
 * writes. What its processes dirtied is counted beside it, and the larger of both is true.
 */
export function openCgroupV1(folders: CgroupV1Folders): CounterSource {
  return opened(() => {
    const open = (folder: string | null, file: string) => (folder === null ? null : openPseudoFile(join(folder, file)));
    const usage = open(folders.cpuacct, 'cpuacct.usage');
    const memory = open(folders.memory, 'memory.usage_in_bytes');
    const memoryStat = open(folders.memory, 'memory.stat');
    const blkio =
      open(folders.blkio, 'blkio.throttle.io_service_bytes_recursive') ??
      open(folders.blkio, 'blkio.throttle.io_service_bytes');
    const operations =
      open(folders.blkio, 'blkio.throttle.io_serviced_recursive') ?? open(folders.blkio, 'blkio.throttle.io_serviced');
    const processes = open(folders.cpuacct ?? folders.memory, 'cgroup.procs');
    const tasks = open(folders.pids ?? null, 'pids.current');
    const ioOf = createProcessIo();
    const read = unlessQuiet(
      () => usage?.read() ?? null,
      (cpu) => {
        const held = memory?.read() ?? null;
        if (cpu === null && held === null) return null;
        const device = blkio?.read() ?? null;
        const charged = device === null ? null : sumDevices(parseBlkio(device), isStackedDevice);
        const pids = (processes?.read() ?? '').split('\n').filter(Boolean).map(Number);
        const caused = ioOf(pids);
        const larger = (key: 'readBytes' | 'writeBytes') =>
          charged || caused ? Math.max(charged?.[key] ?? 0, caused?.[key] ?? 0) : null;
        const served = operations?.read() ?? null;
        const ops = served === null ? null : sumDevices(parseBlkio(served), isStackedDevice);
        return {
          cpuNs: cpu === null ? null : Number(cpu),
          memoryBytes: usedMemory(held, parseField(memoryStat?.read() ?? '', 'total_inactive_file')),
          diskReadBytes: larger('readBytes'),
          diskWriteBytes: larger('writeBytes'),
          diskReadOps: ops?.readBytes,
          diskWriteOps: ops?.writeBytes,
          processes: number(tasks?.read()) ?? (pids.length > 0 ? pids.length : undefined),
        };
      },
    );
    return { read, close: () => closeAll([usage, memory, memoryStat, blkio, operations, processes, tasks]) };
  });
}

const V2_FILES = [
  'cpu.stat',
  'memory.current',
  'memory.stat',
  'io.stat',
  'pids.current',
  'cpu.pressure',
  'memory.pressure',
  'io.pressure',
];

const number = (text: string | null | undefined): number | undefined => (text == null ? undefined : Number(text));

/** `folder`: absolute folder of the guest in the unified hierarchy. Controllers that are not enabled read as null. */
export function openCgroupV2(folder: string): CounterSource {
  return opened(() => {
    const files = V2_FILES.map((file) => openPseudoFile(join(folder, file)));
    const [cpuStat, memory, memoryStat, ioStat, tasks, cpuPressure, memoryPressure, ioPressure] = files;
    const read = unlessQuiet(
      () => cpuStat?.read() ?? null,
      (cpu) => {
        const held = memory?.read() ?? null;
        if (cpu === null && held === null) return null;
        const usec = parseField(cpu ?? '', 'usage_usec');
        const device = ioStat?.read() ?? null;
        const io = device === null ? null : sumDevices(parseIoStat(device), isStackedDevice);
        const ops = device === null ? null : sumDevices(parseIoOps(device), isStackedDevice);
        return {
          cpuNs: usec === null ? null : usec * 1000,
          memoryBytes: usedMemory(held, parseField(memoryStat?.read() ?? '', 'inactive_file')),
          diskReadBytes: io?.readBytes ?? null,
          diskWriteBytes: io?.writeBytes ?? null,
          diskReadOps: ops?.readBytes,
          diskWriteOps: ops?.writeBytes,
          processes: number(tasks?.read()),
          cpuPressureUs: parsePressure(cpuPressure?.read()),
          memoryPressureUs: parsePressure(memoryPressure?.read()),
          ioPressureUs: parsePressure(ioPressure?.read()),
        };
      },
    );
    return { read, close: () => closeAll(files) };
  });
}

/** Opened at the first reading: a command that measures nothing opens no file. */
function opened(open: () => CounterSource): CounterSource {
  let source: CounterSource | null = null;
  let closed = false;
  return {
    read() {
      if (closed) return null;
      source ??= open();
      return source.read();
    },
    close() {
      closed = true;
      source?.close();
    },
  };
}

function closeAll(files: readonly (PseudoFile | null | undefined)[]): void {
  for (const file of files) file?.close();
}

const stacked = new Map<string, boolean>();

/** Whether the block device passes on to others. Devices keep their numbers while they are in use. */
function isStackedDevice(device: string): boolean {
  let known = stacked.get(device);
  if (known === undefined) {
    const folder = `/sys/dev/block/${device}/slaves`;
    known = existsSync(folder) && readdirSync(folder).length > 0;
    stacked.set(device, known);
  }
  return known;
}
