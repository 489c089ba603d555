import { expect, it } from 'vitest';
import { fakeNetworks } from '../../test/fakes/networks.ts';
import { dhcpLine, hostsLines, namesArgv } from './names.ts';

it('gives all names to every address', () => {
  expect(hostsLines(['web', 'www', 'web'], ['10.99.0.20', 'fd00::1'])).toBe('10.99.0.20 web www\nfd00::1 web www\n');
  expect(hostsLines(['web'], ['10.99.0.20', null])).toBe('10.99.0.20 web\n');
  expect(dhcpLine('52:54:00:00:00:01', '10.99.0.20', null)).toBe('52:54:00:00:00:01,10.99.0.20\n');
  expect(dhcpLine('52:54:00:00:00:01', '10.99.0.20', 'fd00::1')).toBe('52:54:00:00:00:01,10.99.0.20,[fd00::1]\n');
});

it('refuses what would be more than a name', () => {
  for (const name of ['', 'a b', 'a\n10.0.0.1 b', '-a', 'a'.repeat(64), 'ä']) {
    expect(() => hostsLines(['web', name], ['10.99.0.20']), name).toThrow(/cannot be a name/);
  }
});

it('names no router and asks nobody outside for an isolated network', () => {
  const networks = fakeNetworks({ back: 'isolated' });
  const [nat, back] = ['nat', 'back'].map((name) => namesArgv(networks.get(name), '/run/x'));
  expect(nat).toContain('--server=10.0.2.3');
  expect(nat).toContain('--dhcp-option=option:router,10.99.0.1');
  expect(back?.join(' ')).not.toContain('--server');
  expect(back).toContain('--dhcp-option=option:router');
  expect(back).toContain('--interface=gn1');
});
