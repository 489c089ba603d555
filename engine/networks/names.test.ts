import { expect, it } from 'vitest';
import { dhcpLine, hostsLine } from './names.ts';

it('writes a hosts line for a name, and refuses what could be more than one', () => {
  expect(hostsLine('Web_1.local', '10.99.1.2')).toBe('10.99.1.2 Web_1.local\n');
  for (const name of ['', ' ', 'a b', 'a\n10.0.0.1 b', '#x', '-a', '../a', 'a'.repeat(64)]) {
    expect(() => hostsLine(name, '10.99.1.2'), JSON.stringify(name)).toThrow('cannot be a name');
  }
});

it('leaves the name out of the lease, where it could be read as an order', () => {
  expect(dhcpLine('52:54:00:01:02:03', '10.99.1.2')).toBe('52:54:00:01:02:03,10.99.1.2\n');
});
