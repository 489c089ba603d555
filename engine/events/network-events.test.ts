import { expect, test } from 'vitest';
import type { StateChange } from '../feed.ts';
import { createNetworkEvents } from './network-events.ts';

test('a network is told once when it comes and once when it goes', () => {
  const told: string[] = [];
  const look = createNetworkEvents(
    ({ action, id, name }) => told.push(`${action} ${id} ${name}`),
    [{ id: 'n0', name: 'nat' }],
  );
  const network = (id: string, name: string) => look({ type: 'network', network: { id, name } } as StateChange);
  network('n0', 'nat'); // another guest is on it
  network('n1', 'inner');
  network('n1', 'inner');
  look({ type: 'network-removed', id: 'n1' });
  look({ type: 'network-removed', id: 'n1' });
  look({ type: 'guest-removed', id: 'n0' });
  expect(told).toEqual(['create n1 inner', 'remove n1 inner']);
});
