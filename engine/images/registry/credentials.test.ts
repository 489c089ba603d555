import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { authFiles, findCredentials } from './credentials.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gh-auth-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const auth = (user: string, password = 'p') => Buffer.from(`${user}:${password}`).toString('base64');
const write = (name: string, json: unknown) => {
  writeFileSync(join(folder, name), typeof json === 'string' ? json : JSON.stringify(json));
  return join(folder, name);
};
const find = (host: string, files: string[], repository = 'team/web') =>
  findCredentials({ host, repository }, new AbortController().signal, files);
const user = async (...args: Parameters<typeof find>) => (await find(...args)).credentials;

test('are looked for where docker and podman keep them', () => {
  const files = authFiles({ HOME: '/home/a', XDG_RUNTIME_DIR: '/run/user/1', REGISTRY_AUTH_FILE: '/x' });
  expect(files[0]).toBe('/x');
  expect(files).toEqual(
    expect.arrayContaining([
      '/run/user/1/containers/auth.json',
      '/home/a/.config/containers/auth.json',
      '/home/a/.docker/config.json',
    ]),
  );
});

test('are those of the host, the nearest path first', async () => {
  const file = write('a', {
    auths: {
      'h.x': { auth: auth('host') },
      'h.x/team': { auth: auth('team', 'a:b') },
      'https://i.x/v1/': { username: 'u', password: 'p' },
    },
  });
  expect(await user('h.x', [file])).toEqual({ kind: 'password', user: 'team', password: 'a:b' });
  expect(await user('h.x', [file], 'other')).toMatchObject({ user: 'host' });
  expect(await user('i.x', [file])).toMatchObject({ user: 'u' });
  for (const host of ['h.x.evil', 'x', 'h.x:80', '__proto__', 'constructor'])
    expect(await user(host, [file])).toBeNull();
});

test('may be tokens', async () => {
  const file = write('a', { auths: { a: { identitytoken: 'i', auth: auth('x') }, b: { registrytoken: 'r' } } });
  expect(await user('a', [file])).toEqual({ kind: 'identity', token: 'i' });
  expect(await user('b', [file])).toEqual({ kind: 'bearer', token: 'r' });
});

test('a file that is no use is told of, and the next is read', async () => {
  const good = write('good', { auths: { 'h.x': { auth: auth('ann') } } });
  for (const bad of ['{', '[]', 'null', '{"auths":7}', '{"auths":{"h.x":null}}', '{"auths":{"h.x":{"auth":"%%"}}}'])
    expect(await user('h.x', [write('bad', bad), join(folder, 'absent'), good])).toMatchObject({ user: 'ann' });
  expect((await find('h.x', [write('bad', '{')])).notes[0]).toMatch(/could not be read/);
});

test('helpers are asked by name, and never by path', async () => {
  vi.stubEnv('PATH', `${folder}:${process.env.PATH}`);
  const helper = write(
    'docker-credential-one',
    `#!/bin/sh
read host
case "$host" in
  h.x) echo '{"Username":"ann","Secret":"s"}';;
  t.x) echo '{"Username":"<token>","Secret":"s"}';;
  https://index.docker.io/v1/) echo '{"Username":"hub","Secret":"s"}';;
  *) echo "credentials not found in native keychain"; exit 1;;
esac
`,
  );
  chmodSync(helper, 0o755);
  const store = write('a', { credsStore: 'one' });
  expect(await find('h.x', [store])).toEqual({
    credentials: { kind: 'password', user: 'ann', password: 's' },
    notes: [],
  });
  expect(await user('t.x', [store])).toEqual({ kind: 'identity', token: 's' });
  expect(await user('docker.io', [store])).toMatchObject({ user: 'hub' });
  expect(await find('other.x', [store])).toEqual({ credentials: null, notes: [] });
  expect((await find('h.x', [write('b', { credHelpers: { 'h.x': 'absent' } })])).notes[0]).toMatch(
    /docker-credential-absent/,
  );
  for (const name of ['../one', '/bin/one', 'a b', '', 7, null])
    expect(await find('h.x', [write('c', { credHelpers: { 'h.x': name } })])).toEqual({ credentials: null, notes: [] });
});
