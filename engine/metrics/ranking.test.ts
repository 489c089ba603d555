import { expect, test } from 'vitest';
import { SERIES } from '../contract/metrics.ts';
import { rank } from './ranking.ts';

const TIMES = [0, 1000, 2000];
const of = (values: Record<string, (number | null)[]>) => ({
  some: ({ id }: { id: string }) => {
    const list = values[id] ?? [null, null, null];
    const all = Object.fromEntries(SERIES.map((name) => [name, list])) as never;
    return { stepMs: 1000, times: TIMES, average: all, peak: all };
  },
});
const query = { rangeSeconds: 300, points: 3, most: 1 };

test('who used most on average comes first, the others are added up, who has no figures is left out', async () => {
  const history = of({ a: [1, null, 3], b: [10, 10, null], c: [5, 5, 5] });
  const members = ['a', 'b', 'c', 'd'].map((id) => ({ id, cpus: 1 }));
  const found = await rank(history, { ...query, series: ['memory'] }, members);
  expect(found.guests).toEqual([{ id: 'b', values: [10, 10, null], average: 10, peak: 10 }]);
  expect(found.others).toEqual([6, 5, 8]);
  expect(found.othersCount).toBe(2);
});

test('CPU counts in per cent of one processor; two halves are added', async () => {
  const history = of({ a: [50, 50, 50], b: [30, 30, 30] });
  const members = [
    { id: 'a', cpus: 1 },
    { id: 'b', cpus: 4 },
  ];
  expect((await rank(history, { ...query, series: ['cpu'] }, members)).guests[0]).toMatchObject({
    id: 'b',
    average: 120,
  });
  const both = await rank(history, { ...query, series: ['diskRead', 'diskWrite'] }, members);
  expect(both.guests[0]).toMatchObject({ id: 'a', average: 100 });
});
