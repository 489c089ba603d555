import { describe, expect, it } from 'vitest';
import { needsNoLoader } from './init.ts';
import { diskOf, major, minor } from './io-limits.ts';
import { hostId, idRanges } from './mounts.ts';
import { limitsOf, stopSignalOf } from './run-options.ts';

describe('the stop signal', () => {
  it.each([
    [null, null, 15, 0],
    ['SIGQUIT', 'SIGUSR1', 3, 0],
    [null, 'SIGRTMIN+3', 37, 0],
    [null, 'SIGHOSTILE\n', 15, 1],
  ])('%j over %j is %i', (asked, image, number, notes) => {
    const answer = stopSignalOf({ stopSignal: asked }, { stopSignal: image });
    expect(answer.number).toBe(number);
    expect(answer.notes).toHaveLength(notes);
  });

  it('is refused when it is none', () => {
    expect(() => stopSignalOf({ stopSignal: 'SIGNONE' }, { stopSignal: null })).toThrow(
      'There is no signal "SIGNONE".',
    );
  });
});

describe('limits', () => {
  const none = { readBytesPerSecond: null, writeBytesPerSecond: null, readOpsPerSecond: null, writeOpsPerSecond: null };
  const spec = { cpus: 1, memoryMib: 64, pidsLimit: 7, io: none };
  const choice = { swapLimit: true, ioLimit: 'direct', cgroupParent: '/guesthouse' } as const;
  const asked = { ...spec, io: { ...none, readOpsPerSecond: 9 } };

  it('leave the disk alone when nothing is asked of it', () => {
    expect(limitsOf(spec, choice, '/')).toEqual({
      limits: { cpus: 1, memoryMib: 64, pids: 7, swap: true, io: null },
      notes: [],
    });
  });

  it('say where those of the disk do not hold', () => {
    expect(limitsOf(asked, { ...choice, cgroupParent: null }, '/')).toMatchObject({
      limits: { io: null },
      notes: [],
    });
    expect(limitsOf(asked, { ...choice, ioLimit: 'none' }, '/').notes).toEqual([
      'Disk limits are not enforced: the io controller is not given to us.',
    ]);
    expect(limitsOf(asked, choice, '/proc').notes).toEqual([
      'Disk limits are not enforced: its files lie on no single disk.',
    ]);
  });

  it('know the disk of a folder', () => {
    expect(diskOf('/proc')).toBeNull();
    // 254:0 and a number whose halves are spread over the 64 bits of dev_t.
    expect([major(65024), minor(65024)]).toEqual([254, 0]);
    expect([major(0x1234_5678_9abc), minor(0x1234_5678_9abc)]).toEqual([0x189a, 0x2345_67bc]);
  });
});

describe('ids', () => {
  const map = idRanges('         0       1002          1\n         1     165536      65536\n');
  it.each([
    [0, 1002],
    [1000, 166_535],
    [65_536, 231_071],
    [65_537, null],
  ])('%i is %j on the host', (id, expected) => {
    expect(hostId(map, id)).toBe(expected);
  });
});

describe('an init', () => {
  /** The head of an ELF file whose only program header is of this type. */
  const elf = (type: number, change: (bytes: Buffer) => void = () => {}) => {
    const bytes = Buffer.alloc(128);
    bytes.writeUInt32BE(0x7f454c46, 0);
    bytes[4] = 2;
    bytes[5] = 1;
    bytes.writeBigUInt64LE(64n, 32);
    bytes.writeUInt16LE(56, 54);
    bytes.writeUInt16LE(1, 56);
    bytes.writeUInt32LE(type, 64);
    change(bytes);
    return bytes;
  };

  it('is a program that needs no loader', () => {
    expect(needsNoLoader(elf(1))).toBe(true);
    expect(needsNoLoader(elf(3))).toBe(false);
    expect(needsNoLoader(Buffer.from('#!/bin/sh\n'.padEnd(200)))).toBe(false);
    expect(needsNoLoader(Buffer.alloc(3))).toBe(false);
  });

  it('is not taken for one when its tables lie', () => {
    expect(needsNoLoader(elf(1, (bytes) => bytes.writeBigUInt64LE(2n ** 60n, 32)))).toBe(false);
    expect(needsNoLoader(elf(1, (bytes) => bytes.writeUInt16LE(0, 54)))).toBe(false);
    expect(needsNoLoader(elf(1, (bytes) => bytes.writeUInt16LE(0, 56)))).toBe(false);
  });
});
