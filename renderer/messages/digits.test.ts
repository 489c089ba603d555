import { expect, test } from 'vitest';
import { written } from './digits.ts';

const LANGUAGES = [
  ['en-GB', { decimal: '.', group: ',' }],
  ['de-DE', { decimal: ',', group: '.' }],
] as const;

test.each(LANGUAGES)('numbers are written as %s has them', (tag, marks) => {
  const values = [0, 1, 7.25, 99.95, 999, 999.6, 1000, 12_345.678, 1_000_000, -3.75, -1234.5, 0.004, 2 ** 53, 1 / 3];
  for (const [least, most] of [[0, 0], [1, 1], [0, 1], [2, 2], [0, 3]] as const) // biome-ignore format: pairs
    for (const useGrouping of [true, false]) {
      const format = new Intl.NumberFormat(tag, {
        minimumFractionDigits: least,
        maximumFractionDigits: most,
        useGrouping,
        // No `-0`: that is no number to a person.
        signDisplay: 'negative',
      });
      for (const value of values) expect(written(value, least, most, useGrouping, marks)).toBe(format.format(value));
    }
});

test.each(LANGUAGES)('%s has one, and many of everything else', (tag) => {
  const rules = new Intl.PluralRules(tag);
  for (const n of [0, 1, 2, 5, 11, 21, 100, 101, 1_000_000]) expect(rules.select(n)).toBe(n === 1 ? 'one' : 'other');
});

test('what is no number says so', () => {
  expect(written(Number.NaN, 0, 0, true, LANGUAGES[0][1])).toBe('NaN');
});
