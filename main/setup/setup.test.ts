import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { wayToShow } from './browser.js';
import { firstDifference } from './dependencies.js';
import { npmEnv } from './node24.js';
import { PARTS, partsFor } from './parts.js';
import { npmReason } from './programs.js';
import { isStatic, packagesOf } from './system.js';
import { stampOf } from './window.js';

const folder = mkdtempSync(join(tmpdir(), 'gh-setup-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('npm packages', () => {
  const wanted = {
    '': { version: '0.1.0' },
    'node_modules/a': { version: '1.0.0' },
    'node_modules/a/node_modules/b': { version: '2.0.0' },
    'node_modules/for-mac': { version: '1.0.0', optional: true },
  };
  const installed = { 'node_modules/a': { version: '1.0.0' }, 'node_modules/a/node_modules/b': { version: '2.0.0' } };

  test('another platform’s package may be absent', () => expect(firstDifference(wanted, installed)).toBeNull());
  test('an older version is named', () => {
    expect(firstDifference(wanted, { ...installed, 'node_modules/a/node_modules/b': { version: '1.9.0' } })).toBe('b');
  });
  test('a missing one is named', () => expect(firstDifference(wanted, {})).toBe('a'));
  test('npm’s reason is its first error lines, not its usage', () => {
    const output =
      'npm warn x\nnpm error code EUSAGE\nnpm error\nnpm error Missing: y from lock file\n\nUsage:\nnpm ci';
    expect(npmReason(output)).toBe('code EUSAGE Missing: y from lock file');
  });
  test('our Node comes first, and an outer npm run is not passed on', () => {
    process.env.npm_lifecycle_event = 'start';
    const env = npmEnv('/somewhere/bin/node');
    expect(env.PATH?.startsWith('/somewhere/bin:')).toBe(true);
    expect(env).not.toHaveProperty('npm_lifecycle_event');
  });
});

describe('system parts', () => {
  test('every part has a package on Debian, and says what is lost without it', () => {
    for (const part of PARTS) {
      expect(part.packages.apt, part.look.join()).toBeTruthy();
      expect(part.without).toMatch(/^[a-zA-Z]/);
    }
  });
  test('a purpose asks for its own parts and those of the application', () => {
    const looks = (purpose: 'run' | 'test' | 'bench') => partsFor(purpose).map((part) => part.look[0]);
    expect(looks('run')).toContain('runc');
    expect(looks('run')).not.toContain('chromium');
    expect(looks('test')).toEqual(expect.arrayContaining(['runc', 'chromium']));
    expect(looks('test')).not.toContain('dockerd');
    expect(looks('bench')).toEqual(expect.arrayContaining(['runc', 'dockerd', 'podman']));
  });
  test('a package is named once, and only where the distribution has it', () => {
    const parts = PARTS.filter((part) => ['runc', 'newuidmap', 'umoci'].includes(part.look[0] ?? ''));
    expect(packagesOf([...parts, ...parts], 'apt')).toEqual(['runc', 'uidmap', 'umoci']);
    expect(packagesOf(parts, 'pacman')).toEqual(['runc', 'shadow']);
  });
  test('a program with a loader is not static; a script is no program to copy into a guest', () => {
    expect(isStatic('/bin/ls')).toBe(false);
    const script = join(folder, 'script');
    writeFileSync(script, '#!/bin/sh\n');
    expect(isStatic(script)).toBe(false);
  });
});

describe('the window', () => {
  const find = (has: string[]) => (name: string) => (has.includes(name) ? `/usr/bin/${name}` : null);
  const URL = 'http://127.0.0.1:1/?token=x';
  const env = { DISPLAY: ':0', HOME: '/home/user' };

  test('without a display nothing is opened', () => {
    expect(wayToShow(URL, { env: {}, uid: 1000, find: find(['chromium']) }).kind).toBe('none');
  });
  test('Chromium shows it as an app, with a profile of its own and its sandbox', () => {
    const way = wayToShow(URL, { env, uid: 1000, find: find(['google-chrome', 'chromium', 'xdg-open']) });
    expect(way.kind).toBe('app');
    expect(way.argv).toEqual(
      expect.arrayContaining([
        '/usr/bin/chromium',
        `--app=${URL}`,
        '--user-data-dir=/home/user/.cache/guesthouse/window',
      ]),
    );
    expect(way.argv).not.toContain('--no-sandbox');
  });
  test('otherwise the default browser does', () => {
    const way = wayToShow(URL, { env: { WAYLAND_DISPLAY: 'wayland-0' }, uid: 1000, find: find(['xdg-open']) });
    expect(way).toMatchObject({ kind: 'tab', argv: ['/usr/bin/xdg-open', URL] });
  });
  test('no browser at all leaves the address', () => {
    expect(wayToShow(URL, { env, uid: 1000, find: find([]) }).kind).toBe('none');
  });
});

test('the stamp of a build follows names and contents, and no test', () => {
  writeFileSync(join(folder, 'a.ts'), '1');
  const first = stampOf(folder, ['.']);
  writeFileSync(join(folder, 'a.test.ts'), '1');
  expect(stampOf(folder, ['.'])).toBe(first);
  writeFileSync(join(folder, 'a.ts'), '2');
  expect(stampOf(folder, ['.'])).not.toBe(first);
});
