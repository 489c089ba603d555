import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describedFirmware, findFirmware } from './firmware.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'gh-firmware-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function description(more: object = {}, mapping: object = {}): string {
  return JSON.stringify({
    'interface-types': ['uefi'],
    mapping: {
      device: 'flash',
      executable: { filename: '/code.fd', format: 'raw' },
      'nvram-template': { filename: '/vars.fd', format: 'raw' },
      ...mapping,
    },
    targets: [{ architecture: 'x86_64', machines: ['pc-q35-*'] }],
    features: [],
    ...more,
  });
}

test('a description that fits is taken', () => {
  expect(describedFirmware(description(), 'x86_64', 'uefi')).toEqual({
    code: { path: '/code.fd', format: 'raw' },
    template: { path: '/vars.fd', format: 'raw' },
    smm: false,
  });
  const secure = description({ features: ['secure-boot', 'enrolled-keys', 'requires-smm'] });
  expect(describedFirmware(secure, 'x86_64', 'uefi-secure')).toMatchObject({ smm: true });
});

test.each([
  ['another architecture', description(), 'aarch64', 'uefi'],
  ['no keys', description({ features: ['secure-boot', 'requires-smm'] }), 'x86_64', 'uefi-secure'],
  ['keys where none are wanted', description({ features: ['enrolled-keys'] }), 'x86_64', 'uefi'],
  ['another board', description({ targets: [{ architecture: 'x86_64', machines: ['microvm'] }] }), 'x86_64', 'uefi'],
  ['one file in memory', description({}, { device: 'memory' }), 'x86_64', 'uefi'],
  ['variables in the program', description({}, { mode: 'combined' }), 'x86_64', 'uefi'],
  ['a relative path', description({}, { executable: { filename: 'x', format: 'raw' } }), 'x86_64', 'uefi'],
  ['no JSON', '{', 'x86_64', 'uefi'],
  ['null', 'null', 'x86_64', 'uefi'],
  ['nonsense', '{"targets":[{}],"mapping":{}}', 'x86_64', 'uefi'],
] as const)('%s does not fit', (_, text, architecture, wanted) => {
  expect(describedFirmware(text, architecture, wanted)).toBeNull();
});

test('a later folder overrides, an empty file takes away, a missing file is passed over', async () => {
  const [vendor, local] = ['vendor', 'local'].map((name) => join(home, name)) as [string, string];
  for (const folder of [vendor, local]) mkdirSync(folder);
  const at = (name: string) => {
    const path = join(home, name);
    writeFileSync(path, '');
    return path;
  };
  const files = (code: string) => ({
    executable: { filename: code, format: 'raw' },
    'nvram-template': { filename: at('vars'), format: 'raw' },
  });
  writeFileSync(join(vendor, '50-a.json'), description({}, files(at('first'))));
  writeFileSync(join(vendor, '60-b.json'), description({}, files(at('second'))));
  const found = async () => (await findFirmware('x86_64', 'uefi', [vendor, local]))?.code.path;
  expect(await found()).toBe(join(home, 'first'));
  writeFileSync(join(local, '50-a.json'), '');
  expect(await found()).toBe(join(home, 'second'));
  writeFileSync(join(local, '50-a.json'), description({}, files('/nowhere/code')));
  expect(await found()).toBe(join(home, 'second'));
});
