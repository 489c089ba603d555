import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseReference } from './reference.ts';
import { defaultRegistry, placesOf } from './settings.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'gh-settings-'));
});
afterEach(() => rmSync(home, { recursive: true }));
const write = (settings: unknown) => writeFileSync(join(home, 'registries.json'), JSON.stringify(settings));
const places = async (name: string) =>
  (await placesOf(home, parseReference(name, null))).map(({ apiHost, repository }) => `${apiHost} ${repository}`);

test('without any, a registry is asked itself', async () => {
  expect(await defaultRegistry(home, '')).toBeNull();
  expect(await places('registry.example/team/web')).toEqual(['registry.example team/web']);
});

test('mirrors come first, in their order; the image keeps its name', async () => {
  write({ default: 'Reg.example:5000', mirrors: { 'docker.io': ['Near.example:5000', 'cache.example/hub/'] } });
  expect(await defaultRegistry(home, '')).toBe('reg.example:5000');
  expect(await defaultRegistry(home, 'other')).toBe('other');
  expect(await places('docker.io/alpine')).toEqual([
    'near.example:5000 library/alpine',
    'cache.example hub/library/alpine',
    'index.docker.io library/alpine',
  ]);
  expect(await places('other.example/x')).toHaveLength(1);
  const [mirror] = await placesOf(home, parseReference('docker.io/alpine:3', null));
  expect(mirror).toMatchObject({ name: 'docker.io/alpine:3', host: 'near.example:5000', tag: '3' });
});

test('what cannot be meant is refused by the name of the file', async () => {
  for (const bad of [[], 7, { default: 7 }, { default: 'a b' }]) {
    write(bad);
    await expect(defaultRegistry(home, '')).rejects.toMatchObject({ code: 'invalid' });
  }
  for (const mirrors of [7, [], { 'docker.io': 'one' }, { 'docker.io': [7] }, { 'docker.io': ['https://x'] }]) {
    write({ mirrors });
    await expect(places('docker.io/alpine')).rejects.toMatchObject({ code: 'invalid' });
  }
  writeFileSync(join(home, 'registries.json'), '{');
  await expect(places('docker.io/alpine')).rejects.toMatchObject({ code: 'invalid' });
});
