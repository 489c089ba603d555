import { expect, test } from 'vitest';
import { SERIES } from '../../engine/contract/index.ts';
import { highestOf, linesFor, valueAt } from './lines.ts';
import { STRIPS } from './strips.ts';
import type { Track } from './track.ts';

const track = (values: (number | null)[], from = 0): Track => {
  const all = Object.fromEntries(SERIES.map((name) => [name, values])) as unknown as Track['average'];
  return {
    stepMs: 1000,
    times: values.map((_, i) => from + i * 1000),
    average: all,
    peak: all,
    memoryLimitBytes: null,
  };
};
const strip = (key: string) => STRIPS.find((kind) => kind.key === key) as (typeof STRIPS)[number];
const subject = (id: string, values: (number | null)[], from = 0) => ({ id, name: id, track: track(values, from) });

test('one guest shows all its series, several one line each: reading and writing added up', () => {
  expect(linesFor(strip('disk'), [subject('a', [1])], false).map(({ label }) => label)).toEqual(['read', 'write']);
  const both = linesFor(strip('disk'), [subject('a', [1, null, 3]), subject('b', [10, 20, 30])], false);
  expect(both.map(({ label }) => label)).toEqual(['a', 'b']);
  expect(both[0]?.average).toEqual([2, null, 6]);
  expect(highestOf(both)).toBe(60);
  expect(linesFor(strip('cpu'), [subject('a', [1]), subject('b', [2])], false)[1]?.average).toEqual([2]);
});

test('guests have clocks of samples of their own: a value counts near its moment only', () => {
  const [line] = linesFor(strip('cpu'), [subject('a', [1, 2, 3], 10_000)], false);
  if (!line) throw new Error('no line');
  expect(valueAt(line, 11_400)).toBe(2);
  expect(valueAt(line, 13_400)).toBe(3);
  expect(valueAt(line, 20_000)).toBeNull();
  expect(valueAt(line, undefined)).toBeNull();
});
