import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { failureOf, panicIn, panicOf } from './panic.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gh-panic-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const PANIC = '[    1.5] Kernel panic - not syncing: sysrq triggered crash\r\n[    1.6] CPU: 0 PID: 1 Comm: init\r\n';

test.each([
  [`boot\r\n${PANIC}`, 'its kernel panicked (sysrq triggered crash).'],
  ['all is well\r\n', null],
  ['', null],
  [`Kernel panic - not syncing: a\u001b[31m\u0007b\n`, 'its kernel panicked (a [31m b).'],
  [`Kernel panic - not syncing: ${'x'.repeat(1000)}\n`, `its kernel panicked (${'x'.repeat(200)}).`],
])('%j', (log, expected) => {
  expect(panicOf(log)).toBe(expected);
});

test.each([
  [
    '**\nERROR:../../tcg/tcg.c:758:tcg_register_thread: assertion failed: (n < tcg_max_ctxs)\nBail out!\n',
    'QEMU failed (../../tcg/tcg.c:758:tcg_register_thread: assertion failed: (n < tcg_max_ctxs)).',
  ],
  [
    "qemu-system-x86_64: ../block.c:1: bdrv_x: Assertion `a == b' failed.\n",
    "QEMU failed (../block.c:1: bdrv_x: Assertion `a == b' failed.).",
  ],
  ['qemu-system-x86_64: warning: TCG does not support something\nqemu-system-x86_64: terminating on signal 15\n', null],
])('%j', (log, expected) => {
  expect(failureOf(log)).toBe(expected);
});

test('only the end of the log counts, only of this run, and never through a link', async () => {
  const path = join(folder, 'serial.log');
  expect(await panicIn(path, 0)).toBeNull();
  writeFileSync(path, PANIC + 'x'.repeat(32 * 1024));
  expect(await panicIn(path, 0)).toBeNull();
  writeFileSync(path, 'x'.repeat(32 * 1024) + PANIC);
  expect(await panicIn(path, 0)).toContain('sysrq');
  expect(await panicIn(path, Date.now() + 60_000)).toBeNull();
  symlinkSync(path, join(folder, 'link'));
  expect(await panicIn(join(folder, 'link'), 0)).toBeNull();
});
