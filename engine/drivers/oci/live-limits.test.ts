import { describe, expect, it } from 'vitest';
import { applyLimits, type LimitWrite, planLimits } from './live-limits.ts';

const MIB = 1024 * 1024;
const V1 = new Map(['cpu', 'memory', 'pids', 'blkio'].map((name) => [name, `/cg/${name}`]));
const V2 = new Map([['unified', '/cg']]);
const DISK = { major: 254, minor: 0 };
const IO = { readBytesPerSecond: 5, writeBytesPerSecond: null, readOpsPerSecond: null, writeOpsPerSecond: 7 };
const V1_FILES: Record<string, string> = {
  '/cg/cpu/cpu.cfs_quota_us': '50000\n',
  '/cg/pids/pids.max': '64\n',
  '/cg/memory/memory.limit_in_bytes': `${64 * MIB}\n`,
  '/cg/memory/memory.memsw.limit_in_bytes': `${64 * MIB}\n`,
  '/cg/memory/memory.usage_in_bytes': `${40 * MIB}\n`,
  '/cg/memory/memory.stat': `total_inactive_file ${10 * MIB}\ntotal_active_file ${10 * MIB}\n`,
  '/cg/blkio/blkio.throttle.read_bps_device': '8:0 1\n254:0 9\n',
};
const V2_FILES: Record<string, string> = {
  '/cg/cpu.max': 'max 100000\n',
  '/cg/pids.max': 'max\n',
  '/cg/memory.max': `${64 * MIB}\n`,
  '/cg/memory.current': `${40 * MIB}\n`,
  '/cg/memory.stat': `inactive_file ${20 * MIB}\nactive_file 0\n`,
  '/cg/io.max': '',
};
const shown = (writes: readonly LimitWrite[]) =>
  writes.map(({ path, text, before }) => `${path}: ${before} -> ${text}`);
const plan = (change: Parameters<typeof planLimits>[0], folders: ReadonlyMap<string, string>) =>
  shown(planLimits(change, folders, DISK, (path) => (folders === V2 ? V2_FILES : V1_FILES)[path] ?? ''));

describe('limits of a running container', () => {
  it.each([
    [{ cpus: 1.5 }, V1, ['/cg/cpu/cpu.cfs_quota_us: 50000 -> 150000']],
    [{ cpus: 1.5 }, V2, ['/cg/cpu.max: max 100000 -> 150000 100000']],
    [{ pidsLimit: 9 }, V1, ['/cg/pids/pids.max: 64 -> 9']],
    [{ pidsLimit: 9 }, V2, ['/cg/pids.max: max -> 9']],
    [
      { memoryMib: 128 },
      V1,
      [
        '/cg/memory/memory.memsw.limit_in_bytes: 67108864 -> 134217728',
        '/cg/memory/memory.limit_in_bytes: 67108864 -> 134217728',
      ],
    ],
    [
      { memoryMib: 32 },
      V1,
      [
        '/cg/memory/memory.limit_in_bytes: 67108864 -> 33554432',
        '/cg/memory/memory.memsw.limit_in_bytes: 67108864 -> 33554432',
      ],
    ],
    [{ memoryMib: 32 }, V2, ['/cg/memory.max: 67108864 -> 33554432']],
    [
      { io: IO },
      V2,
      ['/cg/io.max: 254:0 rbps=max wbps=max riops=max wiops=max -> 254:0 rbps=5 wbps=max riops=max wiops=7'],
    ],
    [
      { io: IO },
      V1,
      [
        '/cg/blkio/blkio.throttle.read_bps_device: 254:0 9 -> 254:0 5',
        '/cg/blkio/blkio.throttle.write_bps_device: 254:0 0 -> 254:0 0',
        '/cg/blkio/blkio.throttle.read_iops_device: 254:0 0 -> 254:0 0',
        '/cg/blkio/blkio.throttle.write_iops_device: 254:0 0 -> 254:0 7',
      ],
    ],
  ])('%j', (change, folders, expected) => {
    expect(plan(change, folders)).toEqual(expected);
  });

  it.each([V1, V2])('are not put below what is in use', (folders) => {
    expect(() => plan({ memoryMib: 16 }, folders)).toThrow(
      'The guest uses 20 MiB of memory, so it cannot be limited to 16 MiB now.',
    );
  });

  it('are as they were when a later one cannot be set', () => {
    const written: string[] = [];
    const writes = ['a', 'b', 'c'].map((path) => ({ path, text: 'new', before: 'old' }));
    const write = (path: string, text: string) => {
      if (path === 'c') throw Object.assign(new Error('no'), { code: 'EINVAL' });
      written.push(`${path} ${text}`);
    };
    expect(() => applyLimits(writes, write)).toThrow('A limit of the running guest could not be changed.');
    expect(written).toEqual(['a new', 'b new', 'b old', 'a old']);
  });

  it('are refused in words when the kernel finds too much memory in use', () => {
    const write = () => {
      throw Object.assign(new Error('EBUSY: device or resource busy'), { code: 'EBUSY' });
    };
    const one = { path: '/cg/memory/memory.limit_in_bytes', text: String(8 * MIB), before: '' };
    expect(() => applyLimits([one], write)).toThrow('The guest uses more memory than 8 MiB');
  });
});
