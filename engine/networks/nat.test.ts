import { describe, expect, it } from 'vitest';
import { fakeNetworks } from '../../test/fakes/networks.ts';
import { guestOfDevice, tapName, vethName } from './addresses.ts';
import { annexBatch, bridgeBatch, guestBatch, hostAddressRules, networkRules, plugBatch, tapBatch } from './nat.ts';
import { placesOf, wayOut } from './plan.ts';

const networks = fakeNetworks({ back: 'isolated' });
const member = {
  guestId: '0123456789ab',
  name: 'web',
  address: '10.99.4.5',
  mac: '52:54:00:01:02:03',
  ports: [],
};
const on = (...places: [string, string][]) =>
  placesOf({ ...member, places: places.map(([network, v4]) => ({ network, v4, v6: null })) }, networks);

describe('what the network is made of', () => {
  it('lays a cable from a guest to the house', () => {
    const cable = vethName('0123456789ab', 7);
    expect(guestBatch(placesOf(member, networks), [cable], 812)).toBe(
      `link set lo up
link add name eth0 address 52:54:00:01:02:03 mtu 1500 type veth peer name v0123456789ab07 mtu 1500 netns /proc/812/ns/net
addr add 10.99.4.5/20 dev eth0
addr add fd00:1:2:0:0:123:4567:89ab/64 dev eth0 nodad
link set eth0 up
neigh replace 10.99.0.1 lladdr 02:67:75:65:73:74 dev eth0 nud permanent
neigh replace fd00:1:2:0::1 lladdr 02:67:75:65:73:74 dev eth0 nud permanent
route add default via 10.99.0.1
route add ::/0 via fd00:1:2:0::1
`,
    );
    const [place] = placesOf(member, networks);
    expect(plugBatch(place as NonNullable<typeof place>, cable, 'gn0x1')).toBe(
      `link set v0123456789ab07 master gn0x1 up
neigh replace 10.99.4.5 lladdr 52:54:00:01:02:03 dev gn0 nud permanent
neigh replace fd00:1:2:0:0:123:4567:89ab lladdr 52:54:00:01:02:03 dev gn0 nud permanent
`,
    );
  });

  it('lays one for each network, and leads out through the first that leads out', () => {
    const places = on(['back', '10.99.16.20'], ['nat', '10.99.4.5']);
    const batch = guestBatch(places, ['a', 'b'], 812);
    expect(batch).toContain('addr add 10.99.16.20/24 dev eth0');
    expect(batch).toMatch(/name eth1 address 52:56:00:01:02:03/);
    expect(batch).toMatch(/route add default via 10\.99\.0\.1\nroute add ::\/0 via fd00:1:2:0::1\n$/);
    expect(wayOut(on(['back', '10.99.16.20']))).toBeNull();
    expect(guestBatch(on(['back', '10.99.16.20']), ['a'], 812)).not.toContain('route');
  });

  it('makes bridges whose names fit into 15 bytes', () => {
    const words = `${bridgeBatch(networks.get('back'))}${annexBatch(65_535, 15)}`.matchAll(/(?:name|add|dev) (g\w+)/g);
    for (const [, name] of words) expect((name as string).length).toBeLessThan(16);
  });

  it('lets only networks that lead out through to the outside', () => {
    expect(networkRules(networks.get('nat'))).toContain('outgoing { "gn0" }');
    expect(networkRules(networks.get('back'))).not.toContain('outgoing');
    expect(networkRules(networks.get('back'))).toContain('same { "gn1" . "gn1" }');
  });

  it('makes a tap that takes large segments', () => {
    expect(tapBatch(tapName('0123456789ab'))).toBe(
      'tuntap add t0123456789ab mode tap vnet_hdr\nlink set t0123456789ab mtu 1500\n',
    );
  });

  it('always refuses loopback and the uplink, whatever addresses the host has', () => {
    expect(hostAddressRules({ v4: [], v6: [] })).toBe(
      `flush set inet guesthouse host4
add element inet guesthouse host4 { 0.0.0.0/8, 127.0.0.0/8, 10.0.2.0/24 }
flush set inet guesthouse host6
add element inet guesthouse host6 { ::/64, fd00::/64, fe80::/10 }
`,
    );
    expect(hostAddressRules({ v4: ['192.168.1.5'], v6: ['fd01::2'] })).toContain('10.0.2.0/24, 192.168.1.5 }');
  });
});

describe('names of devices', () => {
  it('fit into 15 bytes and lead back to the guest', () => {
    for (const cable of [0, 1, 35, 36, 1295, 1296, 99_999]) {
      const name = vethName('0123456789ab', cable);
      expect(name).toHaveLength(15);
      expect(guestOfDevice(name)).toBe('0123456789ab');
    }
    expect(vethName('0123456789ab', 1)).not.toBe(vethName('0123456789ab', 2));
    expect(guestOfDevice(tapName('0123456789ab'))).toBe('0123456789ab');
    expect(tapName('0123456789ab', 7)).toHaveLength(14);
    expect(guestOfDevice(tapName('0123456789ab', 7))).toBe('0123456789ab');
  });

  it('leave out what is not a guest', () => {
    for (const device of ['lo', 'gn0', 'gn0x1', 'gt0x1', 'up0', 'veth0', 'v0123456789ab', 'v0123456789abxyz']) {
      expect(guestOfDevice(device)).toBeNull();
    }
  });
});
