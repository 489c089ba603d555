import { expect, test } from 'vitest';
import type { GuestSpec, Isolation } from '../contract/guest.ts';
import type { Image, ImageKind } from '../contract/image.ts';
import { AUTO_MACHINE, type MachineSpec } from '../contract/machine.ts';
import { withDefaults } from './defaults.ts';
import { validateMachine } from './validate-machine.ts';

function problems(
  machine: Partial<MachineSpec>,
  isolation: Isolation = 'vm',
  kind: ImageKind | null = 'disk',
  iso: string | null = null,
) {
  const spec: GuestSpec = withDefaults({ name: 'x', isolation, iso, machine: { ...AUTO_MACHINE, ...machine } }, kind);
  const found: string[] = [];
  validateMachine(spec, kind === null ? null : ({ kind } as Image), (field) => found.push(field));
  return found;
}

test('nothing asked for is nothing wrong', () => {
  expect(problems({})).toEqual([]);
  expect(problems({}, 'container', 'rootfs')).toEqual([]);
  expect(problems({}, 'vm', 'rootfs')).toEqual([]);
});

test('a container has no hardware', () => {
  expect(problems({ tpm: true }, 'container', 'rootfs')).toEqual(['machine']);
});

test('a machine whose kernel is started directly has the devices its init knows', () => {
  const asked = {
    firmware: 'uefi',
    architecture: 'aarch64',
    diskBus: 'sata',
    nic: 'e1000',
    system: 'windows',
  } as const;
  const fields = ['firmware', 'architecture', 'diskBus', 'nic', 'system'].map((field) => `machine.${field}`);
  expect(problems(asked, 'vm', 'rootfs').sort()).toEqual(fields.sort());
  expect(problems({ sound: 'hda', system: 'linux' }, 'vm', 'rootfs')).toEqual([]);
  expect(problems({ tpm: true }, 'vm', 'rootfs')).toEqual(['machine.tpm']);
});

test('a microVM starts an image and has no screen, sound, TPM or drive', () => {
  expect(problems({}, 'microvm', 'rootfs')).toEqual([]);
  expect(problems({ sound: 'none', cpuModel: 'Haswell' }, 'microvm', 'rootfs')).toEqual([]);
  expect(problems({ video: 'qxl', sound: 'hda', tpm: true, firmware: 'uefi' }, 'microvm', 'rootfs').sort()).toEqual(
    ['firmware', 'sound', 'tpm', 'video'].map((field) => `machine.${field}`),
  );
  for (const kind of ['disk', 'iso', null] as const) expect(problems({}, 'microvm', kind)).toEqual(['image']);
  expect(problems({}, 'microvm', 'rootfs', '/media/one.iso')).toEqual(['iso']);
});

test('boards have the firmware they have', () => {
  expect(problems({ architecture: 'aarch64', firmware: 'bios' })).toEqual(['machine.firmware']);
  expect(problems({ architecture: 'aarch64', firmware: 'uefi-secure' })).toEqual([]);
  expect(problems({ architecture: 'riscv64', firmware: 'uefi-secure', tpm: true })).toEqual([
    'machine.firmware',
    'machine.tpm',
  ]);
});

test('names of processors and extra arguments are looked at', () => {
  expect(problems({ cpuModel: 'Haswell,-hle,+x2apic,phys-bits=40' })).toEqual([]);
  expect(problems({ cpuModel: 'max -sandbox off' })).toEqual(['machine.cpuModel']);
  expect(problems({ extraArgs: ['-sandbox', 'off'] })).toEqual(['machine.extraArgs']);
});
