import { expect, test } from 'vitest';
import { lineNear } from './line-near.ts';

const lines = (...times: (number | undefined)[]) =>
  times.map((at, i) => ({ number: i + 1, text: '', spans: [], ...(at === undefined ? {} : { at }) }));

test('the last line that was written by then, or the first there is', () => {
  const log = lines(10, 20, 20, 30);
  expect([5, 10, 19, 20, 29, 30, 99].map((at) => lineNear(log, at))).toEqual([0, 0, 0, 2, 2, 3, 3]);
});

test('a log that does not say when has none', () => {
  expect(lineNear([], 5)).toBe(-1);
  expect(lineNear(lines(undefined, undefined), 5)).toBe(-1);
});
