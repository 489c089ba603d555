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

test('what lies between two moments of a clock that jumped does not count', () => {
  const watch = createWatch();
  const look = (second: number) => watch([rule], () => ['a'], second * 1000).length;
  expect(look(3600)).toBe(0);
  expect(look(3605)).toBe(0);
  // Back by an hour: ten seconds from here on, not an hour and ten seconds.
  expect(look(6)).toBe(0);
  expect(look(15)).toBe(0);
  expect(look(16)).toBe(1);
  // Forward by an hour: it was told already.
  expect(look(3617)).toBe(0);
  const fresh = createWatch();
  expect(fresh([rule], () => ['a'], 0)).toHaveLength(0);
  expect(fresh([rule], () => ['a'], 3_600_000)).toHaveLength(0);
});
