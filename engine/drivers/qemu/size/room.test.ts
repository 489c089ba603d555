import { expect, test } from 'vitest';
import { fitsLive, liveRange, sizeFor } from './room.ts';

const HOST = { cpus: 4, memoryMib: 1000 };
const linux = { system: 'linux', architecture: 'x86_64', firmware: 'none' } as const;

test('room for what the host has, in whole blocks', () => {
  const spec = { cpus: 1, memoryMib: 200, isolation: 'vm' } as const;
  expect(sizeFor(spec, linux, HOST)).toEqual({ cpus: 1, maxCpus: 4, memoryMib: 200, maxMemoryMib: 968 });
  expect(sizeFor({ ...spec, cpus: 6, memoryMib: 2000 }, linux, HOST)).toEqual({
    cpus: 6,
    maxCpus: 6,
    memoryMib: 2000,
    maxMemoryMib: 2000,
  });
  expect(sizeFor(spec, { ...linux, architecture: 'aarch64' }, HOST)).toBeNull();
  expect(sizeFor(spec, { ...linux, firmware: 'bios' }, HOST)).toMatchObject({ maxCpus: 4, maxMemoryMib: 200 });
  const large = { cpus: 4, memoryMib: 8192 };
  expect(sizeFor({ ...spec, memoryMib: 4096 }, { ...linux, firmware: 'uefi' }, large)?.maxMemoryMib).toBe(8192);
  expect(sizeFor({ ...spec, isolation: 'microvm' }, linux, HOST)).toBeNull();
});

test('what changes while it runs', () => {
  const size = { cpus: 2, maxCpus: 4, memoryMib: 200, maxMemoryMib: 968 };
  const run = { size, hardware: linux };
  const cpus = (count: number) => fitsLive('cpus', { cpus: count, memoryMib: 0 }, run, { cpus: 3 });
  expect([1, 2, 4, 5].map(cpus)).toEqual([false, true, true, false]);
  const memory = (memoryMib: number) => fitsLive('memoryMib', { cpus: 0, memoryMib }, run, { cpus: 2 });
  expect([198, 200, 201, 202, 968, 970].map(memory)).toEqual([false, true, false, true, true, false]);
  expect(
    fitsLive('memoryMib', { cpus: 2, memoryMib: 400 }, { size, hardware: { system: 'windows' } }, { cpus: 2 }),
  ).toBe(false);
  expect(fitsLive('cpus', { cpus: 2, memoryMib: 400 }, {}, { cpus: 2 })).toBe(false);
  expect(liveRange('cpus', run, 3)).toMatch(/can have 2 .* to 4 processors/);
  expect(liveRange('memoryMib', run, 3)).toMatch(/can have 200 .* to 968 MiB .* steps of 2/);
  expect(liveRange('memoryMib', { size, hardware: { system: 'windows' } }, 2)).toBeNull();
  expect(liveRange('cpus', { size: { ...size, maxCpus: 2 } }, 2)).toBeNull();
});

test('an emulated processor that came stays', () => {
  const size = { cpus: 2, maxCpus: 4, memoryMib: 200, maxMemoryMib: 200 };
  const run = { size, hardware: linux, accelerator: 'tcg' } as const;
  const from3 = (count: number) => fitsLive('cpus', { cpus: count, memoryMib: 200 }, run, { cpus: 3 });
  expect([2, 3, 4, 5].map(from3)).toEqual([false, true, true, false]);
  expect(liveRange('cpus', run, 3)).toMatch(/up to 4 processors; an emulated/);
  expect(liveRange('cpus', run, 4)).toMatch(/has all there are; an emulated/);
});
