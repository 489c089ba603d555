/** Machines of other processors than this host's, emulated. As root and as an ordinary user. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Architecture, AUTO_MACHINE } from '../../../engine/contract/machine.ts';
import { findFirmware } from '../../../engine/drivers/qemu/hardware/firmware.ts';
import { findBootLoader } from '../../../engine/drivers/qemu/hardware/riscv-loader.ts';
import { findProgram } from '../../../engine/host/tools.ts';
import { efiMediumLack, makeEfiIso, netboot } from '../../fixtures/efi-medium.ts';
import { type Machines, makeMachines } from '../../fixtures/machines.ts';

/** Firmware and kernel take some 10 s when emulated; a busy host many times that (ms). */
const BOOT_TIMEOUT_MS = 240_000;

let machines: Machines;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gh-arch-'));
  machines = await makeMachines();
});
afterAll(async () => {
  await machines?.end();
  rmSync(folder, { recursive: true, force: true });
});

const machine = (architecture: Architecture | 'auto', isoPath: string) =>
  machines.record(
    { image: null, memoryMib: 512, machine: { ...AUTO_MACHINE, architecture } },
    { imageId: null, isoPath },
  );

it("starts Debian's kernel for arm64 from a medium, whose architecture is seen", async (context) => {
  if (findProgram('qemu-system-aarch64') === null) context.skip('package qemu-system-arm is missing');
  if ((await findFirmware('aarch64', 'uefi')) === null) context.skip('package qemu-efi-aarch64 is missing');
  const lack = efiMediumLack('arm64');
  if (lack !== null) context.skip(`package ${lack} is missing`);
  // A kernel is a boot program of UEFI itself.
  const guest = machine('auto', await makeEfiIso(folder, { 'BOOTAA64.EFI': join(netboot('arm64'), 'linux') }));
  const running = await machines.up(guest);
  expect(running).toMatchObject({
    accelerator: 'tcg',
    machine: { architecture: 'aarch64', firmware: 'uefi', video: 'virtio' },
  });
  const console = await machines.open(guest);
  expect(await console.until(/Linux version \d/, BOOT_TIMEOUT_MS)).toMatch(/Linux version 6/);
  await machines.driver.kill(guest);
});

it('starts riscv64 with its own firmware and boot loader', async (context) => {
  if (findProgram('qemu-system-riscv64') === null) context.skip('package qemu-system-misc is missing');
  if ((await findBootLoader()) === null) context.skip('package u-boot-qemu is missing');
  const medium = ['/usr/lib/grub-rescue/grub-rescue-cdrom.iso'].find((path) => existsSync(path));
  if (medium === undefined) context.skip('package grub-rescue-pc is missing');
  const guest = machine('riscv64', medium as string);
  const running = await machines.up(guest);
  expect(running.machine).toMatchObject({ architecture: 'riscv64', firmware: 'uefi' });
  const console = await machines.open(guest);
  expect(await console.until(/U-Boot 20/, BOOT_TIMEOUT_MS)).toContain('OpenSBI');
  await machines.driver.kill(guest);
});
