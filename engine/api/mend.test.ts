import { expect, test } from 'vitest';
import type { Finding } from '../contract/host.ts';
import { type MendHost, mendArgv } from './mend.ts';

const finding = (id: string, fix: string | null = 'Install it.'): Finding => ({
  id,
  level: fix === null ? 'ok' : 'problem',
  title: id,
  found: '',
  fix,
});
const host = (has: readonly string[] = [], more: Partial<MendHost> = {}): MendHost => ({
  system: 'apt',
  has: (program) => has.includes(program),
  lists: true,
  ...more,
});

test('packages that are missing are installed without asking', () => {
  expect(mendArgv(finding('tpm'), host())).toEqual([
    ['apt-get', 'install', '-y', '-q', '--no-install-recommends', 'swtpm'],
  ]);
  expect(mendArgv(finding('names'), host([], { system: 'dnf' }))).toEqual([
    ['dnf', 'install', '-y', '--setopt=install_weak_deps=False', 'dnsmasq'],
  ]);
});

test('apt reads its lists first where it has none', () => {
  expect(mendArgv(finding('conmon'), host([], { lists: false }))[0]).toEqual(['apt-get', 'update', '-q']);
  expect(mendArgv(finding('conmon'), host([], { lists: false, system: 'dnf' }))).toHaveLength(1);
});

test.each([
  ['a finding that is fine', finding('tpm', null), host()],
  ['one that no package mends', finding('disk'), host()],
  ['one whose program is there, so that something else is wrong', finding('names'), host(['dnsmasq'])],
  ['a system whose packages are not known', finding('tpm'), host([], { system: null })],
])('nothing is offered for %s', (_what, found, where) => {
  expect(mendArgv(found, where)).toEqual([]);
});
