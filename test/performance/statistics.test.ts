import { expect, test } from 'vitest';
import { median, percentile, summarize } from './statistics.ts';

test('median and percentiles', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(percentile([5, 1, 4, 2, 3], 0.95)).toBe(5);
  expect(percentile([1], 0)).toBe(1);
  expect(summarize([2, 10, 4])).toEqual({ rounds: 3, median: 4, p95: 10, min: 2, max: 10 });
});
