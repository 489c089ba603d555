import { describe, expect, it } from 'vitest';
import { insideUid, listProcesses, pidLevel, processFacts } from './process-list.ts';

const status = 'Name:\tsh\nUid:\t100999\t101000\t0\t0\nNSpid:\t4711\t12\t3\nVmRSS:\t    1024 kB\n';
const stat = `4711 (a) R (b) S 4700 1 1 0 -1 4194304 1 2 3 4 150 50 0 0 20 0 1 0 3000 1 2`;
const map = '         0       1000          1\n         1     100000      65536\n';
const numbers = { level: 2, uidMap: map };

describe('a process', () => {
  it("is told in the guest's own numbers", () => {
    expect(processFacts({ stat, status, cmdline: 'sh\0-c\0x y\0' }, numbers, 1_000_000)).toEqual({
      parent: 4700,
      process: {
        pid: 3,
        uid: 1001,
        state: 'S',
        cpuSeconds: 2,
        startedAt: 1_030_000,
        memoryBytes: 1024 * 1024,
        command: 'sh -c x y',
      },
    });
  });

  it('without a command line is called by its name; one that is gone is left out', () => {
    expect(processFacts({ stat, status, cmdline: '' }, numbers, 0)?.process.command).toBe('[a) R (b]');
    expect(processFacts({ stat: '', status: '', cmdline: '' }, numbers, 0)).toBeNull();
    expect(listProcesses([2 ** 30], numbers)).toEqual([]);
  });

  it('has no number where its own are not seen', () => {
    expect(processFacts({ stat, status, cmdline: 'x' }, { ...numbers, level: null }, 0)?.process.pid).toBeNull();
    expect(processFacts({ stat, status, cmdline: 'x' }, { ...numbers, level: 3 }, 0)?.process.pid).toBeNull();
  });

  it('is found in /proc', () => {
    const [own] = listProcesses([process.pid], { level: 0, uidMap: '0 0 4294967295' });
    expect(own).toMatchObject({ pid: process.pid, hostPid: process.pid, parentPid: null, uid: process.getuid?.() });
    expect(Math.abs((own?.startedAt ?? 0) - (Date.now() - process.uptime() * 1000))).toBeLessThan(5_000);
  });
});

it.each([
  [1000, 0],
  [100_000, 1],
  [165_535, 65_536],
  [165_536, 65_534],
  [0, 65_534],
])('user %i is %i inside', (uid, inside) => {
  expect(insideUid(uid, map)).toBe(inside);
});

it('counts how deep a process is', () => {
  expect([status, 'NSpid:\t1\n', ''].map(pidLevel)).toEqual([2, 0, -1]);
});
