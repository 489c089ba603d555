import { expect, test } from 'vitest';
import type { Guest, GuestState, Sample } from '../../../engine/contract/index.ts';
import { fitting, knownColumns } from './columns.ts';
import { createByName, inOrder } from './order.ts';
import { labelKeys, rowsOf } from './rows.ts';

const guest = (name: string, state: GuestState = 'running', labels: Record<string, string> = {}) =>
  ({ id: name, name, state, isolation: 'container', image: null, spec: { labels }, restarts: 0 }) as unknown as Guest;
const mapOf = (...guests: Guest[]) => new Map(guests.map((one) => [one.id, one]));
const names = (guests: readonly Guest[]) => guests.map(({ name }) => name);

test('names in order, digits by value; what is renamed or new finds its place', () => {
  const byName = createByName();
  expect(names(byName(mapOf(guest('web-10'), guest('web-2'), guest('Alpha'))))).toEqual(['Alpha', 'web-2', 'web-10']);
  const renamed = { ...guest('web-2'), name: 'zebra' };
  const next = byName(mapOf(guest('web-10', 'stopped'), renamed, guest('Alpha'), guest('beta')));
  expect(names(next)).toEqual(['Alpha', 'beta', 'web-10', 'zebra']);
  expect(next.find(({ id }) => id === 'web-10')?.state).toBe('stopped');
  expect(names(byName(mapOf(guest('b'))))).toEqual(['b']);
});

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

const told = (rows: ReturnType<typeof rowsOf>) =>
  rows.map((row) => (row.type === 'group' ? `${row.title} ${row.size}` : row.guest.name));

test('groups lead their guests; failed ones come first; a folded one shows its head alone', () => {
  const guests = [guest('a'), guest('b', 'failed'), guest('c')];
  const rows = rowsOf(guests, 'state', 'larch');
  expect(told(rows)).toEqual(['Failed 1', 'b', 'Running 2', 'a', 'c']);
  expect(told(rowsOf(guests, 'state', 'larch', new Set([rows[2]?.key as string])))).toEqual([
    'Failed 1',
    'b',
    'Running 2',
  ]);
  expect(rowsOf([], 'host', 'larch')).toEqual([]);
  expect(told(rowsOf(guests, 'none', 'larch'))).toEqual(['a', 'b', 'c']);
});

test('by a label: its values in order, those without it last', () => {
  const guests = [guest('a'), guest('b', 'running', { team: 'web' }), guest('c', 'running', { team: 'db', x: '' })];
  expect(labelKeys(guests)).toEqual(['team', 'x']);
  expect(told(rowsOf(guests, 'label:team', 'larch'))).toEqual([
    'team=db 1',
    'c',
    'team=web 1',
    'b',
    'without team 1',
    'a',
  ]);
});

test('as many of the chosen columns as fit, in their order', () => {
  expect(knownColumns(['memory', 'nonsense', 'cpu', 7])).toEqual(['cpu', 'memory']);
  expect(fitting(['cpu', 'memory', 'disk'], 424)).toEqual(['cpu', 'memory']);
  expect(fitting(['cpu', 'memory'], 288)).toEqual([]);
  expect(fitting(['cpu', 'memory', 'disk', 'network', 'image', 'up'], 1120)).toHaveLength(6);
});
