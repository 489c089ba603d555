import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { browse } from './browse.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gh-browse-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('folders come first, and what begins with a dot only when it is asked for', async () => {
  mkdirSync(join(folder, 'z'));
  mkdirSync(join(folder, '.local'));
  writeFileSync(join(folder, 'a.iso'), '12345');
  writeFileSync(join(folder, '.hidden'), '');
  const names = async (hidden?: boolean) => (await browse(folder, hidden)).entries.map(({ name }) => name);
  expect(await names()).toEqual(['z', 'a.iso']);
  expect(await names(true)).toEqual(['.local', 'z', '.hidden', 'a.iso']);
});
