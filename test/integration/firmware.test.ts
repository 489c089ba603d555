/** Machines that start from UEFI: the medium, the variables, Secure Boot. As root and as an ordinary user. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AUTO_MACHINE, type MachineSpec } from '../../engine/contract/machine.ts';
import { findFirmware } from '../../engine/drivers/qemu/hardware/firmware.ts';
import { guestFolder } from '../../engine/host/paths.ts';
import { run } from '../../engine/host/process.ts';
import { findProgram } from '../../engine/host/tools.ts';
import { CPIO_DIRECTORY, CPIO_PROGRAM, CPIO_SYMLINK, cpio } from '../../engine/images/boot/cpio.ts';
import { efiMediumLack, makeEfiIso, netboot } from '../fixtures/efi-medium.ts';
import { type Console, type Machines, makeMachines, operationContext } from '../fixtures/machines.ts';

/** Firmware, shim and GRUB take some 5 s when emulated; a busy host many times that (ms). */
const BOOT_TIMEOUT_MS = 240_000;

let machines: Machines;
let folder: string;
let isoPath: string;
let lack: string | null;
beforeAll(async () => {
  lack = efiMediumLack('amd64') ?? ((await findFirmware('x86_64', 'uefi-secure')) ? null : 'ovmf');
  if (lack !== null) return;
  folder = mkdtempSync(join(tmpdir(), 'gh-efi-'));
  const files = netboot('amd64');
  isoPath = await makeEfiIso(folder, {
    'BOOTX64.EFI': join(files, 'bootnetx64.efi'),
    'GRUBX64.EFI': join(files, 'grubx64.efi'),
  });
  machines = await makeMachines();
});
afterAll(async () => {
  await machines?.end();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** Key by key: the firmware's serial line has a small memory, and loses what comes faster than it is read. */
async function type(console: Console, text: string): Promise<void> {
  for (const key of text) {
    const { length } = await console.until(/^/);
    console.write(key);
    await console.until(new RegExp(`^[^]{${length + 1},}`), BOOT_TIMEOUT_MS);
  }
}

const machine = (spec: Partial<MachineSpec>) =>
  machines.record({ image: null, memoryMib: 256, machine: { ...AUTO_MACHINE, ...spec } }, { imageId: null, isoPath });

it('chooses UEFI for a medium that needs it, keeps its variables as qcow2, and stays with it', async (context) => {
  if (lack !== null) context.skip(`package ${lack} is missing`);
  const guest = machine({});
  const running = await machines.up(guest);
  expect(running.machine).toMatchObject({ firmware: 'uefi', architecture: 'x86_64', system: 'linux' });
  expect(running.notes.join()).not.toContain('medium');
  const console = await machines.open(guest);
  await console.until(/grub> /, BOOT_TIMEOUT_MS);
  await type(console, 'echo "locked=<$lockdown>"\r');
  expect(await console.until(/locked=<\w*>/, BOOT_TIMEOUT_MS)).toContain('locked=<>');
  await machines.driver.kill(guest);
  await machines.driver.reap(guest);
  const home = guestFolder(machines.paths, guest.id);
  const variables = readdirSync(home).find((name) => name.endsWith('.vars.qcow2')) as string;
  const { stdout } = await run(['qemu-img', 'info', '--output=json', '-f', 'qcow2', join(home, variables)]);
  expect(JSON.parse(stdout)).toMatchObject({ format: 'qcow2' });

  // Without the medium the installed system starts as it was installed.
  const later = { ...guest, isoPath: null };
  const operation = operationContext();
  expect((await machines.driver.start(later, operation)).machine?.firmware).toBe('uefi');
  operation.undo.commit();
  await machines.driver.kill(later);
  await machines.driver.remove(later);
  expect(existsSync(join(home, variables))).toBe(false);
});

it('starts what is signed with Secure Boot on, and says so inside', async (context) => {
  if (lack !== null) context.skip(`package ${lack} is missing`);
  const guest = machine({ firmware: 'uefi-secure' });
  await machines.up(guest);
  const console = await machines.open(guest);
  await console.until(/grub> /, BOOT_TIMEOUT_MS);
  await type(console, 'echo "locked=<$lockdown>"\r');
  expect(await console.until(/locked=<\w*>/, BOOT_TIMEOUT_MS)).toContain('locked=<y>');
  await machines.driver.kill(guest);
});

it('tells of a medium that the firmware chosen cannot start', async (context) => {
  if (lack !== null) context.skip(`package ${lack} is missing`);
  const guest = machine({ firmware: 'bios' });
  const { notes } = await machines.up(guest);
  expect(notes.join(' ')).toContain('starts under UEFI only');
  await machines.driver.kill(guest);
});

/** Says over the serial line what its system has of a TPM. In Debian's netboot kernel the drivers are built in. */
const TPM_INIT = `#!/bin/sh
mount -t devtmpfs none /dev; mount -t sysfs none /sys
exec >/dev/ttyS0 2>&1
echo "device: $(ls -l /dev/tpm0)"
echo "version: $(cat /sys/class/tpm/tpm0/tpm_version_major)"
echo "pcr0: $(cat /sys/class/tpm/tpm0/pcr-sha256/0)"
echo over
poweroff -f
`;

/** What a machine without one lacks does not depend on who runs it. */
const WITH_TPM = process.getuid?.() === 0 ? [true] : [true, false];

it.for(WITH_TPM)(
  'a system under UEFI has /dev/tpm0 where its machine was given a TPM (%s)',
  { timeout: 2 * BOOT_TIMEOUT_MS },
  async (tpm, context) => {
    const missing = lack ?? ['swtpm', 'busybox'].find((program) => findProgram(program) === null) ?? null;
    if (missing !== null) context.skip(`package ${missing} is missing`);
    const place = join(folder, `tpm-${tpm}`);
    mkdirSync(place);
    const files = netboot('amd64');
    const links = ['sh', 'mount', 'ls', 'cat', 'poweroff'].map((name) => ({
      path: `bin/${name}`,
      mode: CPIO_SYMLINK,
      content: Buffer.from('busybox'),
    }));
    const initrd = cpio([
      ...['bin', 'dev', 'sys'].map((path) => ({ path, mode: CPIO_DIRECTORY })),
      { path: 'bin/busybox', mode: CPIO_PROGRAM, content: readFileSync(findProgram('busybox') as string) },
      ...links,
      { path: 'init', mode: CPIO_PROGRAM, content: Buffer.from(TPM_INIT) },
    ]);
    const medium = await makeEfiIso(
      place,
      { 'BOOTX64.EFI': join(files, 'bootnetx64.efi'), 'GRUBX64.EFI': join(files, 'grubx64.efi') },
      {
        linux: readFileSync(join(files, 'linux')),
        initrd,
        'g.cfg': 'linux (cd0)/linux console=ttyS0 quiet\ninitrd (cd0)/initrd\nboot\n',
      },
    );
    const guest = machines.record(
      { image: null, memoryMib: 768, machine: { ...AUTO_MACHINE, firmware: 'uefi', tpm } },
      { imageId: null, isoPath: medium },
    );
    await machines.up(guest);
    const console = await machines.open(guest);
    await console.until(/grub> /, BOOT_TIMEOUT_MS);
    await type(console, 'configfile (cd0)/g.cfg\r');
    const said = await console.until(/^over|^error: .*/m, BOOT_TIMEOUT_MS);
    await machines.driver.kill(guest);
    if (!tpm) return expect(said).not.toMatch(/device: c/);
    expect(said).toMatch(/device: crw.* \/dev\/tpm0/);
    expect(said).toMatch(/version: 2/);
    // The firmware measured itself into it.
    expect(said).toMatch(/pcr0: (?!0+\s)[0-9A-F]{64}/);
  },
);
