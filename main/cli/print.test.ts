import { expect, test } from 'vitest';
import { bytesOf } from './print.ts';

const MIB = 1024 * 1024;

test.each([
  [76.1 * MIB, 143 * MIB, '76.1 of 143 MiB'],
  [900 * 1024, 143 * MIB, '900 KiB of 143 MiB'],
  [0, 143 * MIB, '0 B of 143 MiB'],
  [12, 20, '12 of 20 B'],
])('%i of %i bytes are %s', (done, total, text) => {
  expect(bytesOf(done, total)).toBe(text);
});

test('leaves room for everything else a pull says, in a terminal of 80 columns', () => {
  const line = ` 98 %  Downloading layers, 0 of 1 done · 11 MiB/s · 1 s left  ${bytesOf(142 * MIB, 143 * MIB)}`;
  expect(line.length).toBeLessThan(80);
});
