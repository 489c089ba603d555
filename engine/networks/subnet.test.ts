import { describe, expect, it } from 'vitest';
import { interfaceId, localPrefix, netmaskOf, numberOf, overlap, parseSubnet, prefix64, subnetText } from './subnet.ts';

const subnet = (text: string) => {
  const found = parseSubnet(text);
  if (found === null) throw new Error(text);
  return found;
};

describe('IPv4 ranges', () => {
  it('are read, and written with their first address', () => {
    expect(subnet('10.99.16.0/24')).toMatchObject({ bits: 24, base: numberOf('10.99.16.0') });
    expect(subnetText(subnet('10.99.16.77/24'))).toBe('10.99.16.0/24');
    expect(subnetText(subnet('255.255.255.255/0'))).toBe('0.0.0.0/0');
    expect(netmaskOf(20)).toBe('255.255.240.0');
  });

  it('refuses what is none', () => {
    for (const text of [
      '',
      '10.0.0.0',
      '10.0.0/8',
      '10.0.0.0/33',
      '10.0.0.256/8',
      '10.0.0.0/8/8',
      '10.0.0.0/-1',
      'a/8',
    ])
      expect(parseSubnet(text), text).toBeNull();
    expect(numberOf('1.2.3.4\n')).toBeNull();
    expect(numberOf('01.2.3.4')).not.toBe(numberOf('8.2.3.4'));
  });

  it('overlap when one address is in both', () => {
    expect(overlap(subnet('10.0.0.0/8'), subnet('10.99.0.0/20'))).toBe(true);
    expect(overlap(subnet('10.99.0.0/20'), subnet('10.99.15.0/24'))).toBe(true);
    expect(overlap(subnet('10.99.0.0/20'), subnet('10.99.16.0/24'))).toBe(false);
  });
});

describe('IPv6 prefixes', () => {
  it('are local to the home, one for each network, and lead back to the guest', () => {
    const prefix48 = localPrefix(new Uint8Array([1, 2, 3, 4, 5]));
    expect(prefix48).toBe('fd01:0203:0405');
    expect(prefix64(prefix48, 10)).toBe('fd01:0203:0405:a');
    expect(interfaceId('0123456789ab')).toBe('0:123:4567:89ab');
  });
});
