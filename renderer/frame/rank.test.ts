import { expect, test } from 'vitest';
import { command } from '../state/command.ts';
import { marked, rank } from './rank.ts';

const named = (title: string, why: string | null = null) =>
  command({ id: title, title, why, icon: 'guests', run: () => {} });

test('beginnings of words before insides, possible before impossible', () => {
  const all = [named('Restore arrest'), named('Restart orders-db'), named('Restart orders-api', 'not running')];
  expect(rank(all, 'rest orders').map(({ title }) => title)).toEqual(['Restart orders-db', 'Restart orders-api']);
  expect(rank(all, 'nothing')).toEqual([]);
});

test('what was typed is marked', () => {
  expect(marked('Restart web', 'rest we')).toEqual([
    { text: 'Rest', hit: true },
    { text: 'art ', hit: false },
    { text: 'we', hit: true },
    { text: 'b', hit: false },
  ]);
});
