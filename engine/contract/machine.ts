/** What hardware a machine has: what was asked (`MachineSpec`), and what it was given (`MachineFound`). */

import type { KeyboardLayout } from './keyboard.ts';

export const GUEST_SYSTEMS = ['linux', 'windows', 'freebsd', 'openbsd', 'netbsd', 'other'] as const;
export const ARCHITECTURES = ['x86_64', 'aarch64', 'riscv64'] as const;
export const FIRMWARES = ['bios', 'uefi', 'uefi-secure'] as const;
export const DISK_BUSES = ['virtio', 'scsi', 'sata', 'nvme', 'usb'] as const;
export const NIC_MODELS = ['virtio', 'e1000e', 'e1000', 'rtl8139', 'vmxnet3'] as const;
export const VIDEO_MODELS = ['std', 'virtio', 'qxl', 'vmware'] as const;
export const SOUND_MODELS = ['none', 'hda', 'ac97'] as const;

/** Whose drivers the devices are chosen for. */
export type GuestSystem = (typeof GUEST_SYSTEMS)[number];
/** What executes a machine's code, as QEMU names it: of Linux, macOS, Windows, and in software anywhere. */
export type Accelerator = 'kvm' | 'hvf' | 'whpx' | 'tcg';
/** As QEMU names them. */
export type Architecture = (typeof ARCHITECTURES)[number];
/** `uefi-secure`: starts only what Microsoft's keys have signed (Secure Boot). */
export type Firmware = (typeof FIRMWARES)[number];
export type DiskBus = (typeof DISK_BUSES)[number];
export type NicModel = (typeof NIC_MODELS)[number];
export type VideoModel = (typeof VIDEO_MODELS)[number];
export type SoundModel = (typeof SOUND_MODELS)[number];

/**
 * `auto`: decided from the image and the medium at the first start, then kept. A machine made from a container's image
 * starts its kernel directly and has no firmware.
 */
export interface MachineSpec {
  readonly system: GuestSystem | 'auto';
  readonly architecture: Architecture | 'auto';
  readonly firmware: Firmware | 'auto';
  /** A TPM 2.0 of its own, emulated. */
  readonly tpm: boolean;
  readonly diskBus: DiskBus | 'auto';
  readonly nic: NicModel | 'auto';
  readonly video: VideoModel | 'auto';
  readonly sound: SoundModel | 'auto';
  /** The window and the SPICE agent in it may hand each other their clipboards. Left out: false. */
  readonly clipboard?: boolean;
  /** Folders can be shared with it as it runs, also where it starts without one; that costs it speed. Left out: false. */
  readonly sharedMemory?: boolean;
  /** It is started from its CD before its disk, while a medium is in. Left out: the disk is first, and an empty one is passed over. */
  readonly cdFirst?: boolean;
  /** As its system has set its keyboard: what text is typed by. Left out: `us`, which firmware mostly has. */
  readonly keyboard?: KeyboardLayout;
  /** QEMU's name of the processor, with features (`Haswell,-hle`); null: the host's own, or all that is emulated. */
  readonly cpuModel: string | null;
  /** Further words of QEMU's command line, for experts. What would undo the confinement is refused. */
  readonly extraArgs: readonly string[];
}

/** Nothing asked for. */
export const AUTO_MACHINE: MachineSpec = {
  system: 'auto',
  architecture: 'auto',
  firmware: 'auto',
  tpm: false,
  diskBus: 'auto',
  nic: 'auto',
  video: 'auto',
  sound: 'auto',
  cpuModel: null,
  extraArgs: [],
};

/** What was decided. */
export interface MachineFound {
  readonly system: GuestSystem;
  readonly architecture: Architecture;
  /** `none`: its kernel is started directly. */
  readonly firmware: Firmware | 'none';
  readonly tpm: boolean;
  readonly diskBus: DiskBus;
  readonly nic: NicModel;
  /** `none`: a microVM has no screen. */
  readonly video: VideoModel | 'none';
  readonly sound: SoundModel;
  /** Left out: false. */
  readonly clipboard?: boolean;
}
