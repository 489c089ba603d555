import { expect, test } from 'vitest';
import type { FirstLogin } from '../../../contract/first-login.ts';
import { type SeedOf, seedFiles } from './cloud-config.ts';

const NOTHING: FirstLogin = { user: null, passwordHash: null, sshKeys: [], growDisk: true, userData: null };
const of = (firstLogin: Partial<FirstLogin>, rest: Partial<SeedOf> = {}): SeedOf => ({
  id: '0123456789ab',
  mac: '52:54:01:02:03:04',
  spec: { name: 'my_web.1', hostname: null },
  network: null,
  ...rest,
  firstLogin: { ...NOTHING, ...firstLogin },
});
const config = (seed: SeedOf, file = 'user-data') => {
  const text = seedFiles(seed)[file] ?? '';
  expect(text.startsWith('#cloud-config\n')).toBe(true);
  return JSON.parse(text.slice('#cloud-config\n'.length));
};
const idOf = (seed: SeedOf) => JSON.parse(seedFiles(seed)['meta-data'] ?? '')['instance-id'];

test('says user, password, keys, name and growing in words of cloud-init', () => {
  expect(config(of({ user: 'ada', passwordHash: '$6$s$h', sshKeys: ['ssh-ed25519 A'] }))).toEqual({
    hostname: 'my-web-1',
    preserve_hostname: false,
    manage_etc_hosts: true,
    user: { name: 'ada', lock_passwd: false },
    password: '$6$s$h',
    chpasswd: { expire: false },
    ssh_pwauth: true,
    ssh_authorized_keys: ['ssh-ed25519 A'],
    growpart: { mode: 'auto', devices: ['/'] },
    resize_rootfs: true,
  });
  expect(config(of({ growDisk: false, sshKeys: ['k'] }))).toMatchObject({
    growpart: { mode: 'off' },
    resize_rootfs: false,
    ssh_pwauth: false,
  });
  expect(config(of({ user: 'root', sshKeys: ['k'] }))).toMatchObject({ disable_root: false });
  const named = of({ sshKeys: ['k'] }, { spec: { name: 'x', hostname: 'web.example.org' } });
  expect(config(named)).toMatchObject({ hostname: 'web', fqdn: 'web.example.org' });
});

test('user data of one’s own come first, ours beside them', () => {
  const seed = of({ userData: '#!/bin/sh\n', passwordHash: '$6$s$h' });
  expect(seedFiles(seed)['user-data']).toBe('#!/bin/sh\n');
  expect(config(seed, 'vendor-data')).toMatchObject({ password: '$6$s$h' });
});

test('asks for addresses by the hardware address, for IPv6 where there is some', () => {
  const files = seedFiles(of({}, { network: { address6: 'fd00::1' } }));
  expect(JSON.parse(files['network-config'] ?? '')).toEqual({
    version: 2,
    ethernets: { eth0: { match: { macaddress: '52:54:01:02:03:04' }, 'set-name': 'eth0', dhcp4: true, dhcp6: true } },
  });
  expect(seedFiles(of({}))).not.toHaveProperty('network-config');
});

test('the instance is the same until another guest or another wish comes', () => {
  const first = idOf(of({ sshKeys: ['a'] }));
  expect(first).toMatch(/^guesthouse-0123456789ab-[0-9a-f]{12}$/);
  expect(idOf(of({ sshKeys: ['a'] }))).toBe(first);
  expect(idOf(of({ sshKeys: ['b'] }))).not.toBe(first);
  expect(idOf(of({ sshKeys: ['a'] }, { id: 'ba9876543210' }))).not.toBe(first);
  // A copy's system is given a machine id of its own, once in its life.
  const copy = config(of({ sshKeys: ['a'] }, { isCopy: true }));
  expect(copy.bootcmd).toEqual([
    ['cloud-init-per', 'once', 'machine-id-0123456789ab', 'sh', '-c', expect.stringContaining('/etc/machine-id')],
  ]);
  expect(config(of({ sshKeys: ['a'] }))).not.toHaveProperty('bootcmd');
});
