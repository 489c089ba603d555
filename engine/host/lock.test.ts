import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { tryLock } from './lock.ts';
import { run } from './process.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gh-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const LOCK = new URL('./lock.ts', import.meta.url).href;
const fromAnother = async (path: string) => {
  const text = `import(${JSON.stringify(LOCK)}).then(({ tryLock }) => console.log(tryLock(process.argv[1]) !== null))`;
  return (await run([process.execPath, '-e', text, path])).stdout.trim();
};

it('lets one process in at a time, and writes nothing', { timeout: 60_000 }, async () => {
  const path = join(folder, 'lock.db');
  const lock = tryLock(path);
  expect(lock).not.toBeNull();
  expect(await fromAnother(path)).toBe('false');
  lock?.release();
  expect(await fromAnother(path)).toBe('true');
  expect(statSync(path).size).toBe(0);
});

it('does not mind what stands in the file', () => {
  const path = join(folder, 'lock.db');
  writeFileSync(path, 'no database at all'.repeat(100));
  const lock = tryLock(path);
  expect(lock).not.toBeNull();
  lock?.release();
});

it('says when it cannot be taken', () => {
  expect(() => tryLock(join(folder, 'no-such-folder', 'lock.db'))).toThrow(expect.objectContaining({ code: 'denied' }));
});
