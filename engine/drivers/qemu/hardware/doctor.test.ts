import { afterEach, expect, test } from 'vitest';
import { requireEmulator } from '../tools.ts';
import { findHardwareTools, hardwareFindings } from './doctor.ts';

const { PATH } = process.env;
afterEach(() => {
  process.env.PATH = PATH;
});

test('what is there is said, and what is not with how it is installed', () => {
  const all = hardwareFindings({
    own: 'x86_64',
    uefi: '/code.fd',
    secureBoot: true,
    swtpm: '/bin/swtpm',
    emulated: ['aarch64', 'riscv64'],
    missing: [],
  });
  expect(all.map(({ level, fix }) => [level, fix])).toEqual(Array(3).fill(['ok', null]));
  const none = hardwareFindings({
    own: 'x86_64',
    uefi: null,
    secureBoot: false,
    swtpm: null,
    emulated: [],
    missing: ['aarch64', 'riscv64'],
  });
  expect(none.map(({ level }) => level)).toEqual(['warning', 'warning', 'ok']);
  for (const { fix } of none) expect(fix).toMatch(/nstall/);
});

test('an emulator that is not installed is named with its package', async () => {
  process.env.PATH = '/nowhere';
  expect((await findHardwareTools()).missing).toContain('riscv64');
  await expect(requireEmulator('riscv64')).rejects.toMatchObject({
    code: 'missing-tool',
    subject: 'qemu-system-riscv64',
    message: 'QEMU for machines of the architecture riscv64 is not installed.',
  });
});
