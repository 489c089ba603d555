import { expect, test } from 'vitest';
import { kindOf } from './tokens.ts';

test.each([
  ['light-dark(#ffffff, #15171b)', 'colour'],
  ['#1a1d23', 'colour'],
  ['12px', 'length'],
  ['1.5px', 'length'],
  ['120ms', 'other'],
  ['0 1px 2px rgb(0 0 0 / 10%)', 'other'],
  ['Inter, system-ui, sans-serif', 'other'],
])('%s is a %s', (value, kind) => {
  expect(kindOf(value)).toBe(kind);
});
