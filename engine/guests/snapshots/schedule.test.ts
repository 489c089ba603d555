import { expect, test } from 'vitest';
import { dueAt, surplus } from './schedule.ts';

const SCHEDULE = { everyMs: 1000, keep: 2, memory: false, since: 500 };
const taken = (at: number, scheduled = true) => ({ id: `s${at}`, at, scheduled });

test('the next is due after the last that a schedule took, or after it was asked for', () => {
  expect(dueAt(SCHEDULE, [])).toBe(1500);
  expect(dueAt(SCHEDULE, [taken(100)])).toBe(1500);
  expect(dueAt(SCHEDULE, [taken(700), taken(900, false)])).toBe(1700);
});

test('the oldest of its own go, never those of a person', () => {
  const all = [taken(1), taken(2, false), taken(3), taken(4)];
  expect(surplus(2, all)).toEqual(['s1']);
  expect(surplus(1, all)).toEqual(['s1', 's3']);
  expect(surplus(5, all)).toEqual([]);
});
