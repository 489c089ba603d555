import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { builtCommand, SOURCES } from './built.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'gh-built-'));
  mkdirSync(join(root, 'dist', 'cli'), { recursive: true });
  writeFileSync(join(root, 'a b.ts'), 'one');
});
afterEach(() => rmSync(root, { recursive: true }));

const ask = () => builtCommand(pathToFileURL(`${root}/`))?.href ?? null;
function build() {
  const { size, mtimeMs } = statSync(join(root, 'a b.ts'));
  writeFileSync(join(root, 'dist', 'cli', SOURCES), JSON.stringify([['a b.ts', size, mtimeMs]]));
}

describe('the built command line', () => {
  test('is taken while its sources are as they were', () => {
    expect(ask()).toBeNull();
    build();
    expect(ask()).toBe(pathToFileURL(join(root, 'dist', 'cli', 'main.js')).href);
  });

  test('is left when one was changed, in size or later, or is gone', () => {
    build();
    writeFileSync(join(root, 'a b.ts'), 'three');
    expect(ask()).toBeNull();
    build();
    utimesSync(join(root, 'a b.ts'), 1, 1);
    expect(ask()).toBeNull();
    build();
    rmSync(join(root, 'a b.ts'));
    expect(ask()).toBeNull();
  });

  test('is left when its list cannot be read', () => {
    writeFileSync(join(root, 'dist', 'cli', SOURCES), '[["a b.ts",');
    expect(ask()).toBeNull();
  });
});

test('without a build the sources run', () => {
  const main = fileURLToPath(new URL('../cli/main.ts', import.meta.url));
  const { version } = JSON.parse(readFileSync(fileURLToPath(new URL('../../package.json', import.meta.url)), 'utf8'));
  expect(execFileSync(process.execPath, [main, '--version'], { encoding: 'utf8' }).trim()).toBe(version);
});
