import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { findLeaks, lookBefore, processesOf } from './leaks.ts';
import { add, summary } from './stage.ts';

const scratch = mkdtempSync(join(tmpdir(), 'gh-leaks-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test('a process is known by its environment, and is no leak once it ended', async () => {
  const before = lookBefore([]);
  const child = spawn('sleep', ['60'], { env: { PATH: process.env.PATH ?? '', TMPDIR: scratch } });
  await new Promise((resolve) => child.once('spawn', resolve));
  expect(processesOf(scratch)).toEqual([{ pid: child.pid, command: 'sleep 60' }]);
  expect(findLeaks(before, scratch, [])).toEqual([`process ${child.pid}: sleep 60`]);
  child.kill();
  await new Promise((resolve) => child.once('close', resolve));
  expect(findLeaks(before, scratch, [])).toEqual([]);
});

test('the last line of a run', () => {
  const total = [
    { passed: 1, failed: 0, skipped: 2 },
    { passed: 3, failed: 1, skipped: 0 },
  ].reduce(add);
  expect(summary(total)).toBe('4 passed, 1 failed, 2 skipped');
});
