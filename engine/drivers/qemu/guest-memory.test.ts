import { expect, it } from 'vitest';
import { createGuestMemory, guestMemoryOf } from './guest-memory.ts';
import type { Qmp } from './qmp/client.ts';

const NOT_SAID = 2 ** 64;
const stats = {
  'stat-total-memory': 1000,
  'stat-free-memory': 300,
  'stat-available-memory': 600,
  'stat-swap-in': 1,
  'stat-swap-out': 2,
  'stat-major-faults': 3,
  'stat-minor-faults': 4,
  'stat-disk-caches': 200,
  'stat-htlb-pgalloc': NOT_SAID,
};

it('is what the guest says, without what it leaves out', () => {
  expect(guestMemoryOf({ 'last-update': 5, stats })).toEqual({
    at: 5000,
    totalBytes: 1000,
    usedBytes: 400,
    availableBytes: 600,
    freeBytes: 300,
    cachedBytes: 200,
    swappedInBytes: 1,
    swappedOutBytes: 2,
    majorFaults: 3,
  });
  const old = { ...stats, 'stat-available-memory': NOT_SAID, 'stat-disk-caches': NOT_SAID };
  expect(guestMemoryOf({ 'last-update': 5, stats: old })).toMatchObject({ usedBytes: 700, cachedBytes: null });
});

it('is nothing where the guest says nothing', () => {
  const nothing = Object.fromEntries(Object.keys(stats).map((name) => [name, NOT_SAID]));
  for (const found of [
    null,
    {},
    { 'last-update': 0, stats },
    { 'last-update': 5, stats: nothing },
    { 'last-update': 5 },
  ])
    expect(guestMemoryOf(found)).toBeNull();
});

it('costs no more than a question every other reading, and hardly one where nobody answers', async () => {
  const readings = async (count: number, answer: unknown, hasDevice = true) => {
    const asked: string[] = [];
    const execute: Qmp['execute'] = async (command) => {
      asked.push(command);
      return answer;
    };
    const qmp: Qmp = { version: '7.2.0', execute, close() {} };
    const memory = createGuestMemory(hasDevice, () => qmp);
    for (let i = 0; i < count; i++) {
      memory.read();
      await new Promise((resolve) => setImmediate(resolve));
    }
    return { memory, asked, qmp };
  };
  const said = await readings(100, { 'last-update': Date.now() / 1000, stats });
  expect(said.memory.read()).toMatchObject({ usedBytes: 400 });
  // It is told to ask the guest once; QEMU does so by itself then.
  expect(said.asked.filter((name) => name === 'qom-set')).toHaveLength(1);
  expect(said.asked.length).toBeLessThanOrEqual(52);

  const silent = await readings(1120, null);
  expect(silent.memory.read()).toBeNull();
  expect(silent.asked.length).toBeLessThan(120);

  const without = await readings(10, null, false);
  expect(await without.memory.ask(without.qmp)).toBeNull();
  expect(without.asked).toEqual([]);
});

it('is not said any more once it is old', async () => {
  const qmp: Qmp = { version: '', execute: async () => ({ 'last-update': 5, stats }), close() {} };
  const memory = createGuestMemory(true, () => qmp);
  memory.read();
  await new Promise((resolve) => setImmediate(resolve));
  expect(memory.read()).toBeNull();
});
