/** Machines that start from UEFI: the medium, the variables, Secure Boot. As root and as an ordinary user. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AUTO_MACHINE, type MachineSpec } from '../../engine/contract/machine.ts';
import { findFirmware } from '../../engine/drivers/qemu/hardware/firmware.ts';
import { guestFolder } from '../../engine/host/paths.ts';
import { run } from '../../engine/host/process.ts';
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
