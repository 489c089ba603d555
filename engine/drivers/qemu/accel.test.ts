/** Acceleration is what really ran a program of ours: by a QEMU that is a script. */
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { candidate, findAcceleration, probeArgv } from './accel.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'gh-accel-'));
});
afterEach(() => rmSync(home, { recursive: true }));

function falseQemu(script: string): { path: string; version: string } {
  const path = join(home, 'qemu');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return { path, version: '11' };
}
const find = (qemu: { path: string; version: string }, platform: NodeJS.Platform, fresh = false) =>
  findAcceleration(qemu, { cache: join(home, 'cache'), run: join(home, 'run') }, fresh, candidate(platform));

test.each([
  ['darwin', 'hvf', 'hvf host'],
  ['win32', 'whpx', 'whpx,kernel-irqchip=off qemu64'],
] as const)('on %s %s is taken once it ran a program', async (platform, accelerator, words) => {
  // As isa-debug-exit would end it.
  const qemu = falseQemu(`[ "$2 $4" = '${words}' ] && exit 43; exit 1`);
  expect(await find(qemu, platform)).toEqual({ accelerator, reason: null, fix: null });
  expect(readdirSync(join(home, 'run'))).toEqual([]);
});

test.each([
  ['darwin', 'HVF', 'com.apple.security.hypervisor'],
  ['win32', 'WHPX', 'Windows Hypervisor Platform'],
] as const)('on %s a %s that does not is told with what to do', async (platform, name, fix) => {
  const qemu = falseQemu('echo "qemu-system-x86_64: -accel: not there" >&2; exit 1');
  const found = await find(qemu, platform);
  expect(found).toMatchObject({ accelerator: 'tcg', reason: `${name} did not run a test program: -accel: not there.` });
  expect(found.fix).toContain(fix);
  expect(await find(falseQemu('exit 43'), platform)).toEqual(expect.objectContaining({ accelerator: 'tcg' })); // kept
  expect((await find(falseQemu('exit 43'), platform, true)).accelerator).not.toBe('tcg');
});

test('where QEMU has nothing it is not started', async () => {
  const qemu = falseQemu(`touch ${join(home, 'started')}`);
  expect(await find(qemu, 'aix')).toMatchObject({ accelerator: 'tcg', reason: expect.stringContaining('emulation') });
  expect(readdirSync(home)).toEqual(['qemu']);
});

test('the same disk and the same end are asked of each', () => {
  const [kvm, hvf] = (['kvm', 'hvf'] as const).map((one) => probeArgv('qemu', one, '/disk').slice(5));
  expect(kvm).toEqual(hvf);
});
