import { expect, test } from 'vitest';
import { meantGuests } from './meant.ts';

const guest = (name: string) => ({ id: name, name });
const many = Array.from({ length: 1000 }, (_, n) => guest(`node-${n}`));
const names = (guests: readonly { name: string }[]) => guests.map(({ name }) => name);

test('the nearest name comes first, then the guest whose page is shown', () => {
  const guests = [...many, guest('webshop'), guest('web'), guest('db')];
  expect(names(meantGuests(guests, 'restore web', 'db'))).toEqual(['web', 'webshop', 'db']);
});

test('of many only those that are named; of a few all', () => {
  expect(meantGuests(many, 'take snapshot', null)).toEqual([]);
  expect(meantGuests(many, 'node', null)).toHaveLength(20);
  expect(meantGuests(many, 'n', null)).toEqual([]);
  expect(names(meantGuests([guest('a'), guest('b')], 'take', 'b'))).toEqual(['b', 'a']);
});
