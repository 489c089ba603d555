import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { folderId, folderTag, guestConfig, quoted, renderGuestConfig } from './guest-config.ts';

const IMAGE = {
  entrypoint: ['/bin/entry'],
  cmd: ['serve'],
  env: ['PATH=/bin', 'A=image'],
  workingDir: '/srv',
  user: 'web',
  exposedPorts: [],
  volumes: [],
  stopSignal: null,
  health: null,
  labels: {},
};
const SPEC = {
  name: 'web',
  hostname: null,
  entrypoint: null,
  command: null,
  user: null,
  workingDir: null,
  env: { A: 'mine' },
  mounts: [],
};

test('joins image and request as a container runtime does', () => {
  const config = guestConfig(SPEC, IMAGE, {
    address: '10.99.0.17',
    prefixLength: 20,
    gateway: '10.99.0.1',
    nameServer: '10.99.0.1',
    address6: 'fd00::1',
    gateway6: null,
    mac: '52:54:00:00:00:01',
    further: [],
  });
  expect(config).not.toHaveProperty('cards');
  expect(config).toMatchObject({
    address: '10.99.0.17/20',
    address6: 'fd00::1/64',
    gateway6: null,
    user: 'web',
    directory: '/srv',
    command: ['/bin/entry', 'serve'],
    env: ['PATH=/bin', 'TERM=xterm-256color', 'A=mine'],
  });
  expect(guestConfig({ ...SPEC, command: ['x'] }, IMAGE, null).command).toEqual(['/bin/entry', 'x']);
  const asked = { ...SPEC, hostname: 'inn', entrypoint: ['/mine'], user: '7:8', workingDir: '/w' };
  expect(guestConfig(asked, IMAGE, null)).toMatchObject({
    name: 'inn',
    command: ['/mine'],
    user: '7:8',
    directory: '/w',
  });
  expect(guestConfig({ ...asked, command: ['x'] }, IMAGE, null).command).toEqual(['/mine', 'x']);
});

test('a shell reads every word as it was written', () => {
  const folder = mkdtempSync(join(tmpdir(), 'words-'));
  const script = join(folder, 'script');
  try {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }).filter((word) => !word.includes('\0'))), (words) => {
        writeFileSync(script, `printf '%s\\0' ${words.map(quoted).join(' ')}`);
        const read = execFileSync('sh', [script]);
        const expected = Buffer.from(words.length === 0 ? '\0' : words.map((word) => `${word}\0`).join(''));
        expect(read.equals(expected)).toBe(true);
      }),
      { numRuns: 12 },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
  // Twelve shells; a busy machine takes its time for each.
}, 60_000);

test('refuses NUL', () => {
  const config = guestConfig({ ...SPEC, command: ['a\0b'] }, null, null);
  expect(() => renderGuestConfig(config)).toThrow(expect.objectContaining({ code: 'invalid' }));
});

test('a copy of another machine is told so', () => {
  const said = (isCopy: boolean) => renderGuestConfig(guestConfig(SPEC, IMAGE, null, isCopy));
  expect(said(true)).toContain('\ncopy=yes\n');
  expect(said(false)).not.toContain('copy');
});

test('a folder is tagged by its place, where that is short and plain', () => {
  expect(folderTag('/srv//data/')).toBe('srv/data');
  for (const place of ['/my data', '/-o', `/${'a'.repeat(37)}`, '/ü', '/'])
    expect(folderTag(place)).toMatch(/^folder-[0-9a-f]{12}$/);
  expect(folderId('/srv/data')).toBe(folderId('/srv/./data'));
  expect(folderId('/srv/data')).not.toBe(folderId('/srv-data'));
});

test('every card of several is named by its hardware address, and has what is its own', () => {
  const out = { gateway: '10.99.0.1', address6: null, gateway6: null };
  const network = {
    ...out,
    mac: '52:54:00:00:00:01',
    address: '10.99.0.17',
    prefixLength: 20,
    nameServer: '10.99.0.1',
    further: [{ ...out, mac: '52:56:00:00:00:01', address: '10.99.16.17', prefixLength: 24, gateway: null }],
  };
  const text = renderGuestConfig(guestConfig(SPEC, IMAGE, network));
  expect(text).toContain("  card eth0 '52:54:00:00:00:01'\n");
  expect(text).toContain("  card 'eth1' '52:56:00:00:00:01' && network 'eth1' '10.99.16.17/24' '' '' ''\n");
});
