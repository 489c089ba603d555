import { expect, test } from 'vitest';
import type { Guest, GuestState } from '../../engine/contract/index.ts';
import { inOrder, matches, rowsOf } from './filter.ts';

const guest = (name: string, state: GuestState = 'running', port = 8080) =>
  ({
    id: name,
    name,
    state,
    isolation: 'container',
    image: 'debian:12',
    address: '10.99.0.5',
    ports: [{ hostIp: '127.0.0.1', hostPort: port, guestPort: 80, protocol: 'tcp' }],
  }) as unknown as Guest;

test('every word must be found: name, state, isolation, image, address, port', () => {
  const web = guest('Web-1');
  for (const query of ['', 'web', 'WEB run', 'container debian', '10.99', ':8080', ':80'])
    expect(matches(web, query)).toBe(true);
  for (const query of ['db', 'web stopped', ':81']) expect(matches(web, query)).toBe(false);
});

test('names in order, digits by value', () => {
  const names = inOrder([guest('web-10'), guest('web-2'), guest('Alpha')], '').map(({ name }) => name);
  expect(names).toEqual(['Alpha', 'web-2', 'web-10']);
});

test('groups lead their guests; failed ones come first', () => {
  const rows = rowsOf([guest('a'), guest('b', 'failed'), guest('c')], 'state', 'larch');
  expect(rows.map((row) => (row.type === 'group' ? `${row.title} ${row.size}` : row.guest.name))).toEqual([
    'Failed 1',
    'b',
    'Running 2',
    'a',
    'c',
  ]);
  expect(rowsOf([], 'host', 'larch')).toEqual([]);
});
