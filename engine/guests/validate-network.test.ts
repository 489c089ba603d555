import { expect, it } from 'vitest';
import { fakeNetworks } from '../../test/fakes/networks.ts';
import type { GuestSpec, PortRule } from '../contract/guest.ts';
import type { NetworkMode } from '../contract/network.ts';
import { withDefaults } from './defaults.ts';
import { addressesFor, addressesTaken } from './identity.ts';
import { validateNetwork } from './validate-network.ts';

const networks = new Map<string, NetworkMode>([
  ['nat', 'nat'],
  ['front', 'nat'],
  ['back', 'isolated'],
]);
const port = (more: Partial<PortRule> = {}): PortRule => ({
  hostIp: '127.0.0.1',
  hostPort: 8080,
  guestPort: 80,
  protocol: 'tcp',
  ...more,
});
const problems = (change: Partial<GuestSpec>) => {
  const spec = { ...withDefaults({ name: 'web', isolation: 'container' }, null), ...change };
  const said: string[] = [];
  const takenPorts = new Map([['tcp 9000 0.0.0.0', 'other']]);
  const takenMacs = new Map([['52:54:00:00:00:09', 'other']]);
  validateNetwork(spec, { networks, takenPorts, takenMacs }, (field, { code }) => said.push(`${field} ${code}`));
  return said;
};

it.each<[Partial<GuestSpec>, string[]]>([
  [{ network: 'front', moreNetworks: ['back', 'nat'], aliases: ['www', 'a.b'] }, []],
  [{ network: 'host' }, []],
  [{ network: 'gone' }, ['network not-found']],
  [{ network: '../x\n' }, ['network not-found']],
  [{ network: 'host', isolation: 'vm' }, ['network invalid']],
  [{ network: 'host', ports: [port()] }, ['ports invalid']],
  [{ network: 'back', ports: [port()] }, ['ports invalid']],
  [{ network: 'front', moreNetworks: ['back'], ports: [port()] }, []],
  [{ moreNetworks: ['front'], isolation: 'vm' }, []],
  [{ network: 'none', moreNetworks: ['front'] }, ['moreNetworks invalid']],
  [{ moreNetworks: ['nat'] }, ['moreNetworks.0 invalid']],
  [{ moreNetworks: ['front', 'front'] }, ['moreNetworks.1 invalid']],
  [{ moreNetworks: ['host'] }, ['moreNetworks.0 not-found']],
  [{ aliases: ['a b', ''] }, ['aliases.0 invalid', 'aliases.1 invalid']],
  [{ macAddress: '00-1A-4a-00-00-01' }, []],
  [{ macAddress: '52:54:00:00:00' }, ['macAddress invalid']],
  [{ macAddress: '52:54:00-00:00:01' }, ['macAddress invalid']],
  [{ macAddress: '01:00:5e:00:00:01' }, ['macAddress invalid']],
  [{ macAddress: '00:00:00:00:00:00' }, ['macAddress invalid']],
  [{ macAddress: '52:54:00:00:00:09' }, ['macAddress conflict']],
  [{ macAddress: '52:54:00:00:00:01', network: 'none' }, ['macAddress invalid']],
  [{ ports: [port(), port({ protocol: 'udp' }), port({ hostIp: '::1' })] }, []],
  [{ ports: [port(), port({ hostIp: '0.0.0.0' })] }, ['ports.1.hostPort conflict']],
  [{ ports: [port({ hostPort: 9000 })] }, ['ports.0.hostPort conflict']],
  [{ ports: [port({ hostIp: 'localhost' })] }, ['ports.0.hostIp invalid']],
  [{ ports: [port({ guestPort: 65_536 })] }, ['ports.0.guestPort invalid']],
])('%j', (change, said) => {
  expect(problems(change)).toEqual(said);
});

it('gives an address on every network, and keeps what a guest has', () => {
  const store = fakeNetworks({ back: 'isolated' });
  const id = '0123456789ab';
  const on = (network: string, ...moreNetworks: string[]) => ({ network, moreNetworks });
  const first = addressesFor(id, on('nat', 'back'), store, new Set());
  expect(first.map(({ network }) => network)).toEqual(['nat', 'back']);
  expect(first[1]).toMatchObject({ v4: expect.stringMatching(/^10\.99\.16\./), v6: 'fd00:1:2:1:0:123:4567:89ab' });
  const taken = addressesTaken([{ address: null, addresses: first }]);
  const other = addressesFor('0123456789ac', on('nat', 'back'), store, taken);
  expect(other.some(({ v4 }) => taken.has(v4 as string))).toBe(false);
  expect(addressesFor(id, on('back', 'nat'), store, taken, first)).toEqual([...first].reverse());
  expect(addressesFor(id, on('none'), store, taken)).toEqual([]);
  expect(() => addressesFor(id, on('gone'), store, taken)).toThrow(expect.objectContaining({ code: 'not-found' }));
});

it('says so when a network is full', () => {
  const all = new Set(Array.from({ length: 256 }, (_, last) => `10.99.16.${last}`));
  const store = fakeNetworks({ back: 'isolated' });
  const spec = { network: 'back', moreNetworks: [] };
  expect(() => addressesFor('0123456789ab', spec, store, all)).toThrow(expect.objectContaining({ code: 'resources' }));
});
