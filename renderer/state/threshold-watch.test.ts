import { expect, test } from 'vitest';
import { createWatch } from './threshold-watch.ts';

const rule = { id: 1, when: 'cpu>90', seconds: 10, on: true };

test('told once after so long, and again only after it was over', () => {
  const watch = createWatch();
  const look = (second: number, ids: string[], rules = [rule]) =>
    watch(rules, () => ids, second * 1000).map(({ guestId }) => guestId);
  expect(look(0, ['a'])).toEqual([]);
  expect(look(9, ['a', 'b'])).toEqual([]);
  expect(look(10, ['a', 'b'])).toEqual(['a']);
  expect(look(11, ['a', 'b'])).toEqual([]);
  expect(look(19, ['b'])).toEqual(['b']);
  expect(look(20, ['a'])).toEqual([]);
  expect(look(30, ['a'])).toEqual(['a']);
  expect(look(31, ['a'], [{ ...rule, on: false }])).toEqual([]);
});
