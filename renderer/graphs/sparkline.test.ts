import { expect, test } from 'vitest';
import { isLine } from './sparkline.ts';

test('a line has two neighbours', () => {
  expect([[], [1], [1, null, 2], [null, 0, 0], [null, null]].map(isLine)).toEqual([false, false, false, true, false]);
});
