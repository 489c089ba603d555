import { expect, test } from 'vitest';
import { offsetsOf, RowSlots, rowAt, type Wanted } from './row-slots.ts';

const offsets = offsetsOf(['group', 'a', 'b', 'group', 'c'], (row) => (row === 'group' ? 24 : 36));
const rows = (text: string, from = 0): Wanted[] =>
  [...text].map((key, at) => ({ index: from + at, key, kind: key === key.toUpperCase() ? 'group' : 'guest' }));
const free = () => false;

test('rows begin where those above them end', () => {
  expect([...offsets]).toEqual([0, 24, 60, 96, 120, 156]);
  expect([-50, 0, 23, 24, 59, 60, 119, 120, 155, 156, 9_999].map((y) => rowAt(offsets, y))).toEqual([
    0, 0, 0, 1, 1, 2, 3, 4, 4, 4, 4,
  ]);
  expect(
    rowAt(
      offsetsOf([], () => 36),
      0,
    ),
  ).toBe(-1);
});

test('what comes takes the elements of what left, and of nobody else', () => {
  const slots = new RowSlots();
  const before = slots.assign(rows('Gabc'), free);
  const after = slots.assign(rows('bcde', 2), free);
  expect(after.slice(0, 2).map(({ slot }) => slot)).toEqual(before.slice(2).map(({ slot }) => slot));
  expect(after.slice(0, 2)).toEqual(before.slice(2));
  expect(after[0]).toBe(before[2]);
  // `a` gives its element to one of the two; the header's stays out of it.
  const guests = after.slice(2).map(({ slot }) => slot);
  expect(guests).toContain(before[1]?.slot);
  expect(guests).not.toContain(before[0]?.slot);
  expect(new Set(after.map(({ slot }) => slot)).size).toBe(4);
});

test('an element somebody is at becomes nobody else’s', () => {
  const slots = new RowSlots();
  const [a] = slots.assign(rows('a'), free);
  const [b] = slots.assign(rows('b', 1), (slot) => slot === a?.slot);
  expect(b?.slot).not.toBe(a?.slot);
});

test('a row that moves keeps its element', () => {
  const slots = new RowSlots();
  const [a, b] = slots.assign(rows('ab'), free);
  const [first, second] = slots.assign(rows('ba'), free);
  expect([first?.slot, second?.slot]).toEqual([b?.slot, a?.slot]);
});
