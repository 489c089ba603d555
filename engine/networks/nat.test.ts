import { describe, expect, it } from 'vitest';
import { guestOfDevice, tapName, vethName } from './addresses.ts';
import { closeDoors, guestBatch, hostAddressRules, openDoors, plugBatch, replaceDoors, tapBatch } from './nat.ts';

describe('what the network is made of', () => {
  it('lays a cable from a guest to the house', () => {
    const cable = vethName('0123456789ab', 7);
    expect(guestBatch({ address: '10.99.4.5', mac: '52:54:00:01:02:03' }, cable, 812)).toBe(
      `link set lo up
link add name eth0 address 52:54:00:01:02:03 mtu 1500 type veth peer name v0123456789ab07 mtu 1500 netns /proc/812/ns/net
addr add 10.99.4.5/20 dev eth0
link set eth0 up
route add default via 10.99.0.1
`,
    );
    expect(plugBatch(cable)).toBe('link set v0123456789ab07 master gn0 up\n');
  });

  it('makes a tap that takes large segments', () => {
    expect(tapBatch('0123456789ab')).toBe(
      'tuntap add t0123456789ab mode tap vnet_hdr\nlink set t0123456789ab mtu 1500 master gn0 up\n',
    );
  });

  it('always refuses loopback, whatever addresses the host has', () => {
    expect(hostAddressRules({ v4: [], v6: [] })).toBe(
      `flush set inet guesthouse host4
add element inet guesthouse host4 { 0.0.0.0/8, 127.0.0.0/8 }
flush set inet guesthouse host6
add element inet guesthouse host6 { ::1 }
`,
    );
    expect(hostAddressRules({ v4: ['192.168.1.5'], v6: ['fd01::2'] })).toContain('127.0.0.0/8, 192.168.1.5 }');
  });

  it('opens and closes doors, and says nothing when there are none', () => {
    const doors = [
      { port: 8080, address: '10.99.4.5', guestPort: 80 },
      { port: 8081, address: '10.99.4.6', guestPort: 443 },
    ];
    expect(openDoors(doors)).toBe(
      'add element inet guesthouse published { 8080 : 10.99.4.5 . 80, 8081 : 10.99.4.6 . 443 }\n',
    );
    expect(closeDoors([8080, 8081])).toBe('delete element inet guesthouse published { 8080, 8081 }\n');
    expect(openDoors([])).toBe('');
    expect(closeDoors([])).toBe('');
    expect(replaceDoors([])).toBe('flush map inet guesthouse published\n');
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
  });

  it('leave out what is not a guest', () => {
    for (const device of ['lo', 'gn0', 'up0', 'veth0', 'v0123456789ab', 'v0123456789abxyz']) {
      expect(guestOfDevice(device)).toBeNull();
    }
  });
});
