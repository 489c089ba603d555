import { expect, it } from 'vitest';
import { localV4, localV6 } from './host-addresses.ts';

it('finds every local IPv4 address of the routing table, once, without loopback', () => {
  const trie = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 127.0.0.0/8 2 0 2
        |-- 127.0.0.1
           /32 host LOCAL
        |-- 127.255.255.255
           /32 link BROADCAST
     +-- 172.17.0.0/16 2 0 2
        |-- 172.17.0.1
           /32 host LOCAL
        |-- 172.17.255.255
           /32 link BROADCAST
        |-- 192.168.1.0
           /24 link UNICAST
        |-- 192.168.1.5
           /32 host LOCAL
        |-- 203.0.113.0
           /24 host LOCAL
Local:
        |-- 172.17.0.1
           /32 host LOCAL
`;
  expect(localV4(trie)).toEqual(['172.17.0.1', '192.168.1.5', '203.0.113.0/24']);
  expect(localV4('')).toEqual([]);
});

it('finds IPv6 addresses without loopback', () => {
  const table = `00000000000000000000000000000001 01 80 10 80       lo
fd010000000000000000000000000002 02 40 00 80     eth0
`;
  expect(localV6(table)).toEqual(['fd01:0000:0000:0000:0000:0000:0000:0002']);
});
