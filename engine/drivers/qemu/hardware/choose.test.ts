import { expect, test } from 'vitest';
import { AUTO_MACHINE, type MachineSpec } from '../../../contract/machine.ts';
import { chooseMachine, firmwareNote, type MachineFacts } from './choose.ts';

const FACTS: MachineFacts = {
  direct: false,
  micro: false,
  imageArchitecture: null,
  hostArchitecture: 'x64',
  medium: null,
  kept: null,
};
const choose = (spec: Partial<MachineSpec>, facts: Partial<MachineFacts> = {}) =>
  chooseMachine({ ...AUTO_MACHINE, ...spec }, { ...FACTS, ...facts });
const BIOS_MEDIUM = { bios: true, efi: false, architecture: null };
const EFI_MEDIUM = { bios: false, efi: true, architecture: null };
const HYBRID = { bios: true, efi: true, architecture: 'x86_64' } as const;

test('a machine whose kernel is started directly has no firmware, whatever was asked', () => {
  expect(choose({ firmware: 'uefi', diskBus: 'sata' }, { direct: true })).toMatchObject({
    firmware: 'none',
    diskBus: 'virtio',
    architecture: 'x86_64',
  });
});

test('a machine whose kernel is started directly has no TPM, and says so', () => {
  expect(choose({}, { direct: true }).tpm).toBe(false);
  expect(() => choose({ tpm: true }, { direct: true })).toThrow(/container's image cannot have a TPM/);
  expect(choose({ tpm: true }, { direct: true, micro: true }).tpm).toBe(false);
});

test('devices follow from the system', () => {
  expect(choose({})).toMatchObject({ system: 'linux', diskBus: 'virtio', nic: 'virtio', video: 'std', sound: 'none' });
  expect(choose({ system: 'windows' })).toMatchObject({
    diskBus: 'sata',
    nic: 'e1000e',
    sound: 'hda',
    firmware: 'uefi',
  });
  expect(choose({ system: 'other' })).toMatchObject({ diskBus: 'sata', nic: 'e1000', firmware: 'bios' });
  expect(choose({ system: 'windows', diskBus: 'virtio', firmware: 'bios' })).toMatchObject({
    diskBus: 'virtio',
    firmware: 'bios',
  });
});

test('firmware follows from the medium, and stays when the medium is gone', () => {
  expect(choose({}).firmware).toBe('bios');
  expect(choose({}, { medium: HYBRID }).firmware).toBe('bios');
  expect(choose({}, { medium: EFI_MEDIUM }).firmware).toBe('uefi');
  expect(choose({ system: 'windows' }, { medium: BIOS_MEDIUM }).firmware).toBe('bios');
  const kept = { system: 'windows', architecture: 'x86_64', firmware: 'uefi' } as const;
  expect(choose({}, { kept })).toMatchObject({ system: 'windows', firmware: 'uefi', diskBus: 'sata' });
  expect(choose({ firmware: 'bios' }, { kept }).firmware).toBe('bios');
});

test('architecture: asked, then kept, then the medium’s, then the image’s, then the host’s', () => {
  const medium = { bios: false, efi: true, architecture: 'aarch64' } as const;
  expect(choose({}, { medium })).toMatchObject({ architecture: 'aarch64', firmware: 'uefi', video: 'virtio' });
  expect(choose({}, { imageArchitecture: 'arm64' }).architecture).toBe('aarch64');
  expect(choose({}, { imageArchitecture: 'arm64', hostArchitecture: 'arm64' }).architecture).toBe('aarch64');
  expect(choose({ architecture: 'riscv64' }, { imageArchitecture: 'amd64' })).toMatchObject({
    architecture: 'riscv64',
    firmware: 'uefi',
  });
});

test('what a board cannot have is refused by its field', () => {
  expect(() => choose({ architecture: 'aarch64', firmware: 'bios' })).toThrow(/cannot have the firmware bios/);
  expect(() => choose({ firmware: 'bios' }, { imageArchitecture: 'arm64' })).toThrow(/aarch64/);
  expect(() => choose({ architecture: 'riscv64', tpm: true })).toThrow(/TPM/);
});

test('a medium that will not start is told of', () => {
  const note = (spec: Partial<MachineSpec>, medium: MachineFacts['medium']) => firmwareNote(choose(spec), medium);
  expect(note({}, null)).toBeNull();
  expect(note({}, HYBRID)).toBeNull();
  expect(note({ firmware: 'uefi' }, HYBRID)).toBeNull();
  expect(note({ firmware: 'bios' }, EFI_MEDIUM)).toContain('under UEFI only');
  expect(note({ firmware: 'uefi' }, BIOS_MEDIUM)).toContain('under a BIOS only');
  expect(note({}, { bios: false, efi: false, architecture: null })).toContain('not bootable');
  expect(note({}, { bios: true, efi: true, architecture: 'aarch64' })).toContain('made for aarch64');
});
