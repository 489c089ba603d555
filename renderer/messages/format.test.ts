import { expect, test } from 'vitest';
import { bytes, list, seconds, span } from './format.ts';

test('numbers carry a unit', () => {
  expect([null, 0, 999, 2048, 1.5 * 1024 ** 2, 62 * 1024 ** 2, 3.6 * 1024 ** 3, 466 * 1024 ** 3].map(bytes)).toEqual([
    '–',
    '0 bytes',
    '999 bytes',
    '2 KiB',
    '1.5 MiB',
    '62 MiB',
    '3.6 GiB',
    '466 GiB',
  ]);
  expect([90, 3400, 125_000].map(seconds)).toEqual(['0.09 s', '3.4 s', '2 min 5 s']);
  expect([0, 8000, 3 * 86_400_000 + 4 * 3_600_000, 3_600_000].map(span)).toEqual(['0 s', '8 s', '3 d 4 h', '1 h']);
  expect(list(['a', 'b', 'c'])).toBe('a, b and c');
});
