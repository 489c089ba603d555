/** The set-up runs before the engine can be loaded, so it has a table of packages of its own: both must say the same. */
import { expect, it } from 'vitest';
import { PACKAGES } from '../../engine/host/tools.ts';
import { PARTS } from '../../main/setup/parts.js';

it('the engine and the set-up name the same packages', () => {
  const run = PARTS.filter((part) => part.purpose === 'run');
  for (const { look, packages } of run) {
    for (const program of look.filter((name) => name in PACKAGES)) expect(PACKAGES[program], program).toEqual(packages);
  }
  const programs = run.flatMap(({ look }) => look);
  const x64 = process.arch === 'x64' ? [] : ['qemu-system-x86_64'];
  // Parts of a package the set-up looks for by another of its programs.
  // Emulators of other architectures are for who wants them: the set-up brings them to the tests alone.
  const others = [
    'newgidmap',
    'unshare',
    ...x64,
    'qemu-system-aarch64',
    'qemu-system-riscv64',
    'uefi-x86_64',
    'uefi-aarch64',
  ];
  expect(Object.keys(PACKAGES).filter((name) => !programs.includes(name) && !others.includes(name))).toEqual([]);
});
