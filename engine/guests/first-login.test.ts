import { expect, test } from 'vitest';
import type { FirstLoginWish } from '../contract/first-login.ts';
import type { GuestSpec, Isolation } from '../contract/guest.ts';
import type { Image } from '../contract/image.ts';
import { withDefaults } from './defaults.ts';
import { completeFirstLogin, sealed } from './first-login.ts';
import { validateFirstLogin } from './validate-first-login.ts';

const KEY = `ssh-ed25519 ${Buffer.from('\0\0\0\x0bssh-ed25519\0\0\0 01234567890123456789012345678901').toString('base64')} ada@host`;

function problems(wish: FirstLoginWish, kind: Image['kind'] = 'disk', isolation: Isolation = 'vm'): string[] {
  const spec: GuestSpec = withDefaults(sealed({ name: 'web', isolation, firstLogin: wish }), kind);
  const found: string[] = [];
  validateFirstLogin(spec, { kind } as Image, (field, { message }) => found.push(`${field}: ${message}`));
  return found;
}

test('a password is kept as a hash only, and everything left out has a default', () => {
  const draft = sealed({ name: 'web', firstLogin: { user: 'ada', password: 'geheim' } });
  expect(JSON.stringify(draft)).not.toContain('geheim');
  expect(completeFirstLogin(draft.firstLogin)).toEqual({
    user: 'ada',
    passwordHash: expect.stringMatching(/^\$6\$/),
    sshKeys: [],
    growDisk: true,
    userData: null,
  });
  // Also where nobody sealed it.
  expect(JSON.stringify(completeFirstLogin({ password: 'geheim' }))).not.toContain('geheim');
  expect(completeFirstLogin(null)).toBeNull();
});

test('takes a password, a key or user data', () => {
  expect(problems({ password: 'geheim' })).toEqual([]);
  expect(problems({ user: 'ada', sshKeys: [KEY] })).toEqual([]);
  expect(problems({ userData: '#cloud-config\n' }, 'iso')).toEqual([]);
});

test('refuses what lets nobody in, or cannot be', () => {
  expect(problems({})).toEqual([expect.stringMatching(/^firstLogin: Nobody could log in/)]);
  for (const password of ['', 'a\nb', 'a'.repeat(257)])
    expect(problems({ password })).toEqual([expect.stringMatching(/^firstLogin.password: /)]);
  expect(problems({ passwordHash: 'geheim' })).toEqual([expect.stringMatching(/^firstLogin.password: /)]);
  for (const user of ['Ada', 'a b', '-x', '../x', 'a:b'])
    expect(problems({ user, sshKeys: [KEY] })).toEqual([expect.stringMatching(/^firstLogin.user: /)]);
  for (const key of ['ssh-ed25519 AAAA', KEY.replace('ssh-ed25519', 'ssh-rsa'), 'hello', `${KEY}\nx`])
    expect(problems({ sshKeys: [key] })).toEqual([expect.stringMatching(/^firstLogin.sshKeys.0: .*no public SSH key/)]);
  expect(problems({ sshKeys: ['-----BEGIN OPENSSH PRIVATE KEY-----'] })[0]).toContain('private part');
  expect(problems({ userData: 'a\0' })).toEqual([expect.stringMatching(/^firstLogin.userData: /)]);
});

test('is for systems of their own only, and says so', () => {
  expect(problems({ password: 'geheim' }, 'rootfs')).toEqual([expect.stringContaining('has no login')]);
  expect(problems({ password: 'geheim' }, 'rootfs', 'container')).toEqual([expect.stringContaining('container')]);
});
