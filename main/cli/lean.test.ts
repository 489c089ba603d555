import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { resolvePaths } from '../../engine/host/paths.ts';

const CLI = fileURLToPath(new URL('./guesthouse.js', import.meta.url));
/** At the end of a program: which of these parts of Node it loaded. */
const TELL = `process.on('exit', () => process.stderr.write(JSON.stringify(process.moduleLoadList.filter((name) =>
  /^NativeModule (crypto|internal\\/fs\\/promises|readline|worker_threads|timers\\/promises)$/.test(name)))));`;

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'gh-lean-'));
});
afterEach(() => {
  const { run } = resolvePaths({ ...process.env, GUESTHOUSE_HOME: home });
  for (const folder of [home, run]) rmSync(folder, { recursive: true, force: true });
});

test('a list of guests loads nothing of Node that takes longer than the list', async () => {
  const list = () =>
    promisify(execFile)(
      process.execPath,
      ['--import', `data:text/javascript,${encodeURIComponent(TELL)}`, CLI, 'ls', '-q'],
      // On Node's own types; a user's rights over /run do not matter here.
      { env: { ...process.env, GUESTHOUSE_HOME: home, NODE_OPTIONS: '' } },
    );
  // The first one names the home's run folder, and needs a hash for that.
  await list();
  const { stdout, stderr } = await list();
  expect(stdout).toBe('');
  expect(JSON.parse(stderr)).toEqual([]);
});
