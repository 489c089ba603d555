import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { arch, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isStaticElf } from './initramfs.ts';
import { ptyNumberProgram, reseedProgram } from './tiny-programs.ts';

test('it tells a terminal’s number, or that there is none', (context) => {
  const program = ptyNumberProgram(arch());
  if (!program) return context.skip(`not written for ${arch()}`);
  expect(isStaticElf(program)).toBe(true);
  const folder = mkdtempSync(join(tmpdir(), 'gh-pty-'));
  const path = join(folder, 'pty-number');
  writeFileSync(path, program, { mode: 0o755 });
  const first = openSync('/dev/ptmx', 'r+');
  const second = openSync('/dev/ptmx', 'r+');
  try {
    const [one, two] = [first, second].map((fd) => spawnSync(path, { stdio: [fd, 'ignore', 'ignore'] }).status);
    expect(one).not.toBe(two);
    // Unlocked: the other end opens.
    closeSync(openSync(`/dev/pts/${one}`, 'r+'));
    expect(spawnSync(path, { stdio: 'ignore' }).status).toBe(255);
  } finally {
    closeSync(first);
    closeSync(second);
    rmSync(folder, { recursive: true });
  }
});

test('of both architectures the code has the length of its instructions', () => {
  expect(ptyNumberProgram('arm64')?.length).toBe(120 + 68 + 4);
  expect(ptyNumberProgram('x64')?.length).toBe(120 + 49);
  expect(ptyNumberProgram('mips')).toBeNull();
});

test('the random generator takes up what it was given', (context) => {
  const program = reseedProgram(arch());
  if (!program) return context.skip(`not written for ${arch()}`);
  if (process.getuid?.() !== 0) return context.skip('root alone may');
  const folder = mkdtempSync(join(tmpdir(), 'gh-reseed-'));
  const path = join(folder, 'reseed');
  writeFileSync(path, program, { mode: 0o755 });
  const random = openSync('/dev/urandom', 'r+');
  try {
    // Without CAP_SYS_ADMIN the kernel refuses with EPERM, which tells as well that it was asked.
    expect([0, 255]).toContain(spawnSync(path, { stdio: [random, 'ignore', 'ignore'] }).status);
    // ENOTTY: what is asked for here is something else there.
    expect(spawnSync(path, { stdio: 'ignore' }).status).toBe(231);
  } finally {
    closeSync(random);
    rmSync(folder, { recursive: true });
  }
});
