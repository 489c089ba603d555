import { expect, test } from 'vitest';
import type { Guest, GuestState, Sample } from '../../../engine/contract/index.ts';
import { fitting, knownColumns } from './columns.ts';
import { inOrder } from './order.ts';
import { type Grouping, keyOf, type ListRow, labelKeys, rowsOf } from './rows.ts';

const guest = (name: string, state: GuestState = 'running', labels: Record<string, string> = {}) =>
  ({ id: name, name, state, isolation: 'container', image: null, spec: { labels }, restarts: 0 }) as unknown as Guest;
const mapOf = (...guests: Guest[]) => new Map(guests.map((one) => [one.id, one]));
const names = (guests: readonly Guest[]) => guests.map(({ name }) => name);

test('by figures from the top; without one last either way; equals by name', () => {
  const guests = [guest('a'), guest('b'), guest('c'), guest('d')];
  const samples = new Map([
    ['a', { cpuPercent: 5 } as Sample],
    ['c', { cpuPercent: 50 } as Sample],
    ['d', { cpuPercent: 5 } as Sample],
  ]);
  expect(names(inOrder(guests, { by: 'cpu', down: true }, samples, 0))).toEqual(['c', 'a', 'd', 'b']);
  expect(names(inOrder(guests, { by: 'cpu', down: false }, samples, 0))).toEqual(['a', 'd', 'c', 'b']);
});

const rowsFor = (guests: readonly Guest[], grouping: Grouping, folded?: ReadonlySet<string>) => {
  const known = mapOf(...guests);
  return rowsOf([...known.keys()], grouping, 'larch', (id) => known.get(id), folded);
};
const told = (rows: readonly ListRow[]) =>
  rows.map((row) => (typeof row === 'string' ? row : `${row.title} ${row.size}`));

test('groups lead their guests; failed ones come first; a folded one shows its head alone', () => {
  const guests = [guest('a'), guest('b', 'failed'), guest('c')];
  const rows = rowsFor(guests, 'state');
  expect(told(rows)).toEqual(['Failed 1', 'b', 'Running 2', 'a', 'c']);
  const folded = new Set([keyOf(rows[2] as ListRow)]);
  expect(told(rowsFor(guests, 'state', folded))).toEqual(['Failed 1', 'b', 'Running 2']);
  expect(rowsFor([], 'host')).toEqual([]);
  expect(told(rowsFor(guests, 'host'))).toEqual(['larch 3', 'a', 'b', 'c']);
  expect(told(rowsFor(guests, 'none'))).toEqual(['a', 'b', 'c']);
});

test('by a label: its values in order, those without it last', () => {
  const guests = [guest('a'), guest('b', 'running', { team: 'web' }), guest('c', 'running', { team: 'db', x: '' })];
  expect(labelKeys(guests)).toEqual(['team', 'x']);
  expect(told(rowsFor(guests, 'label:team'))).toEqual(['team=db 1', 'c', 'team=web 1', 'b', 'without team 1', 'a']);
});

test('by project: each group knows its own, guests of none come last', () => {
  const guests = [guest('a'), guest('b', 'running', { 'com.docker.compose.project': 'shop' })];
  const rows = rowsFor(guests, 'project');
  expect(told(rows)).toEqual(['shop 1', 'b', 'without a project 1', 'a']);
  expect(rows.map((row) => (typeof row === 'string' ? null : row.project))).toEqual(['shop', null, undefined, null]);
});

test('as many of the chosen columns as fit, in their order', () => {
  expect(knownColumns(['memory', 'nonsense', 'cpu', 7])).toEqual(['cpu', 'memory']);
  expect(fitting(['cpu', 'memory', 'disk'], 424)).toEqual(['cpu', 'memory']);
  expect(fitting(['cpu', 'memory'], 288)).toEqual([]);
  expect(fitting(['cpu', 'memory', 'disk', 'network', 'image', 'up'], 1120)).toHaveLength(6);
});
