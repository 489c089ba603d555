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
