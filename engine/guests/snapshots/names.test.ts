import { expect, test } from 'vitest';
import { freeName, problemOfName } from './names.ts';

test.each(['before the upgrade', '☂ über', 'שלום', '2026-01-31 12:05:07'])('%j can be one', (name) => {
  expect(problemOfName(name, [])).toBeNull();
});

test.each([
  ['', 'empty'],
  [' a', 'space'],
  ['a'.repeat(81), 'more than'],
  ['a\nb', 'cannot be shown'],
  ['x\u202egpj.exe', 'turn the text'],
  ['a\u2028b', 'cannot be shown'],
  ['0123456789ab', 'id'],
])('%j cannot', (name, why) => {
  expect(problemOfName(name, [])).toMatchObject({ code: 'invalid', cause: expect.stringContaining(why) });
});

test('none twice; one without a wish has its time, and a number after it', () => {
  expect(problemOfName('one', [{ name: 'one' }])).toMatchObject({ code: 'conflict' });
  const at = new Date(2026, 0, 31, 12, 5, 7).getTime();
  const first = freeName([], at);
  expect(first).toBe('2026-01-31 12:05:07');
  expect(freeName([{ name: first }, { name: `${first} (2)` }], at)).toBe(`${first} (3)`);
});
