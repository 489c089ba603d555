import { expect, test } from 'vitest';
import { formatPath, type Place, parsePath, sectionOf } from './path.ts';

test('every place survives its address', () => {
  const places: Place[] = [
    { view: 'guests', guest: null, tab: 'overview' },
    { view: 'guests', guest: '0123456789ab', tab: 'overview' },
    { view: 'guests', guest: '0123456789ab', tab: 'resources' },
    { view: 'guests', guest: 'a b/c', tab: 'console' },
    { view: 'new' },
    { view: 'design' },
    { view: 'images' },
    { view: 'settings' },
  ];
  for (const place of places) expect(parsePath(formatPath(place))).toEqual(place);
});

test('what is no address is the list of guests', () => {
  for (const hash of ['', '#', '#/', '#/nowhere', '#/guests/', '#/%E0%A4%A', '#/../etc']) {
    expect(parsePath(hash)).toEqual({ view: 'guests', guest: null, tab: 'overview' });
  }
  expect(parsePath('#/guests/a/nonsense')).toEqual({ view: 'guests', guest: 'a', tab: 'overview' });
});

test('New guest belongs to Guests', () => {
  expect(sectionOf({ view: 'new' })).toBe('guests');
  expect(sectionOf({ view: 'hosts' })).toBe('hosts');
});
