import { expect, test } from 'vitest';
import { type Bench, runBench, type Variant } from './harness.ts';

test('variants take turns, warm-ups do not count, an absent peer leaves its goal open', async () => {
  const order: string[] = [];
  const variant = (role: 'ours' | 'floor', ms: number): Variant => ({
    role,
    label: role,
    run: async () => {
      order.push(role);
      return { ms, more: { part: ms / 2 } };
    },
  });
  const bench: Bench = {
    name: 'x',
    about: '',
    rounds: 3,
    warmups: 1,
    goals: [
      { of: 'ours/floor', atMost: 2.5 },
      { of: 'ours/peer', atMost: 1 },
      { of: 'ours-floor ms', atMost: 10 },
    ],
    prepare: async () => [
      variant('ours', 30),
      { role: 'peer', label: 'peer', absent: 'not installed' },
      variant('floor', 15),
    ],
  };
  const context = { folder: '', defer() {}, say() {} };
  const result = await runBench(bench, context, { rounds: 3, warmups: 1, signal: new AbortController().signal });
  expect(order.filter((role) => role === 'ours')).toHaveLength(4);
  expect(order.slice(0, 4)).toEqual(['ours', 'floor', 'floor', 'ours']);
  expect(result.variants.map(({ total }) => total?.rounds)).toEqual([3, undefined, 3]);
  expect(result.variants[0]?.more?.part?.median).toBe(15);
  expect(result.goals.map(({ measured, met }) => [measured, met])).toEqual([
    [2, true],
    [null, null],
    [15, false],
  ]);
});

test('a peer that breaks down does not take our figures with it; we breaking down does', async () => {
  let calls = 0;
  const fine: Variant = { role: 'ours', label: 'ours', run: async () => ({ ms: 1 }) };
  const broken: Variant = {
    role: 'peer',
    label: 'peer',
    run: async () => {
      calls++;
      throw new Error('no daemon');
    },
  };
  const bench = (variants: Variant[]): Bench => ({
    name: 'x',
    about: '',
    rounds: 3,
    warmups: 0,
    goals: [],
    prepare: async () => variants,
  });
  const context = { folder: '', defer() {}, say() {} };
  const options = { rounds: 3, warmups: 0, signal: new AbortController().signal };
  const result = await runBench(bench([fine, broken]), context, options);
  expect(calls).toBe(2);
  expect(result.variants.map(({ total, absent }) => total?.rounds ?? absent)).toEqual([3, 'failed twice: no daemon']);
  await expect(runBench(bench([{ ...broken, role: 'ours' }]), context, options)).rejects.toThrow('no daemon');
});

test('a goal names which of several it is about; what is no time has its unit', async () => {
  const variant = (role: 'ours' | 'peer', label: string, value: number): Variant => ({
    role,
    label,
    unit: 'KiB',
    run: async () => ({ value }),
  });
  const bench: Bench = {
    name: 'x',
    about: '',
    rounds: 1,
    warmups: 0,
    goals: [
      { of: 'ours/peer', atMost: 1, than: 'podman' },
      { of: 'ours', atMost: 5, ours: 'sampling' },
      { of: 'ours/peer', atMost: 1, than: 'nobody' },
    ],
    prepare: async () => [
      variant('ours', 'memory', 10),
      variant('ours', 'sampling', 4),
      variant('peer', 'docker 20', 5),
      variant('peer', 'podman 4', 20),
    ],
  };
  const context = { folder: '', defer() {}, say() {} };
  const result = await runBench(bench, context, { rounds: 1, warmups: 0, signal: new AbortController().signal });
  expect(result.variants[0]?.unit).toBe('KiB');
  expect(result.goals.map(({ measured, met }) => [measured, met])).toEqual([
    [0.5, true],
    [4, true],
    [null, null],
  ]);
});
