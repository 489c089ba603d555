import { expect, test } from 'vitest';
import type { Guest, GuestCost, Isolation } from '../../engine/contract/index.ts';
import { askedOf, differencesOf, figureOf, imagesOf, sidesOf } from './side-by-side.ts';

const spec = { cpus: 1, memoryMib: 64, ports: [], mounts: [], network: 'nat', entrypoint: null, command: ['sh'] };
const guest = (id: string, isolation: Isolation, image: string | null = 'a:1', more: object = {}): Guest =>
  ({ id, name: id, isolation, image, createdAt: 0, spec: { ...spec, ...more } }) as unknown as Guest;
const cost = (id: string, startMs: number[]): [string, GuestCost] => [id, { id, startMs, memoryMib: [], diskMib: [] }];

test('the image with most kinds of isolation comes first', () => {
  const guests = [
    guest('x', 'vm', 'b:1'),
    guest('y', 'container'),
    guest('z', 'vm'),
    guest('w', 'container'),
    guest('q', 'vm', null),
  ];
  expect(imagesOf(guests)).toEqual(['a:1', 'b:1']);
});

test('a column shows the guest with most figures, or the chosen one', () => {
  const guests = [guest('one', 'container'), guest('two', 'container'), guest('other', 'container', 'b:1')];
  const costs = new Map([cost('two', [1, 2])]);
  const [container, microvm] = sidesOf(guests, 'a:1', costs, {});
  expect(container?.guest?.id).toBe('two');
  expect(container?.candidates).toHaveLength(2);
  expect(microvm?.guest).toBeNull();
  expect(sidesOf(guests, 'a:1', costs, { container: 'one' })[0]?.guest?.id).toBe('one');
  // One that is gone, or of another image, is nothing chosen.
  expect(sidesOf(guests, 'a:1', costs, { container: 'other' })[0]?.guest?.id).toBe('two');
});

test('nothing observed is no figure', () => {
  expect(figureOf(undefined)).toBeNull();
  expect(figureOf([])).toBeNull();
  expect(figureOf([5, 1, 3])).toEqual({ median: 3, least: 1, most: 5, count: 3 });
  expect(figureOf([4, 2])).toMatchObject({ median: 3 });
});

test('what was asked differs by what bears on the figures', () => {
  const port = (hostPort: number) => ({ hostIp: '127.0.0.1', hostPort, guestPort: 80, protocol: 'tcp' });
  const one = guest('one', 'container', 'a:1', { ports: [port(8080)] });
  expect(differencesOf([one, guest('two', 'vm', 'a:1', { ports: [port(8081)] })])).toEqual(new Set());
  expect(differencesOf([one, guest('two', 'vm', 'a:1', { memoryMib: 512 })])).toEqual(new Set(['memory', 'ports']));
  expect(differencesOf([one])).toEqual(new Set());
  expect(askedOf(one).ports).toBe('80/tcp');
});
