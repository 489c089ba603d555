/** What a command line is made from. */

import type { Accelerator, MachineFound } from '../../../contract/machine.ts';
import type { GuestRecord } from '../../driver.ts';
import type { BaseFile, OpenedDisk } from '../disk/blockdev.ts';
import type { FirmwareFile } from '../hardware/firmware.ts';
import type { MicroFacts } from '../hardware/micro.ts';
import type { Grown } from '../size/devices.ts';
import type { MachineSize } from '../size/room.ts';

/**
 * Everything the command line names. Files are named as QEMU sees them: those it cannot reach itself come as descriptors
 * (`/dev/fdset/N`, `/proc/self/fd/N`), those of its working folder by their name alone.
 */
export interface MachinePlan {
  readonly binary: string;
  readonly guest: Pick<GuestRecord, 'id' | 'mac'> & {
    readonly spec: Pick<GuestRecord['spec'], 'name' | 'cpus' | 'memoryMib' | 'diskOptions' | 'macAddress' | 'machine'>;
  };
  readonly accelerator: Accelerator;
  readonly hardware: MachineFound;
  /** QEMU's name of the processor; null: chosen. */
  readonly cpuModel: string | null;
  /** UEFI's program and variables (qcow2); null: another firmware, or none. */
  readonly uefi: { readonly code: FirmwareFile; readonly variables: string; readonly smm: boolean } | null;
  /** Paths behind `/dev/fdset/N`; set N is descriptor N + 2. */
  readonly sets: ReadonlyMap<number, string>;
  /** The guest's own disk, always qcow2; null: it has none, and starts from the first of its further disks. */
  readonly disk: string | null;
  /** What it is the difference to. Named here, not taken from the disk: a guest could have changed that. */
  readonly base: BaseFile | null;
  /** Direct boot of a rootfs image; null: the firmware starts from CD, then disk. */
  readonly boot: { readonly kernel: string; readonly initrd: string } | null;
  /** A boot loader started in the firmware's place; null: none. */
  readonly loader: string | null;
  /** The medium in the CD drive. Without one, only a machine that its firmware starts has a drive. */
  readonly cdrom: string | null;
  /** The medium of a first login (seed/seed.ts); left out: none. */
  readonly seed?: string | null;
  /** Beside the guest's own disk, in order. */
  readonly furtherDisks: readonly OpenedDisk[];
  /** USB devices of the host, by address and the file QEMU opens. Left out: none. */
  readonly usbDevices?: readonly { readonly address: string; readonly file: string }[];
  /** Addresses of PCI devices of the host. Left out: none. */
  readonly pciDevices?: readonly string[];
  /** Names of the tap devices in the house, the first network's first. */
  readonly taps: readonly string[];
  readonly serialLog: string;
  /** One for each shared folder, in order. */
  readonly folders: readonly FolderDevice[];
  /** Its memory is one that programs beside QEMU can be given: only then can it have shared folders. */
  readonly sharedMemory: boolean;
  /** Socket of the machine's swtpm; null: no TPM. */
  readonly tpmSocket: string | null;
  /** GUID of its `vmgenid` device; left out: it has none. */
  readonly generation?: string | null;
  /** What it starts with and may grow to; left out: it keeps the size its spec names. */
  readonly size?: MachineSize | null;
  /** A person's own further words. */
  readonly extraArgs: readonly string[];
  /** It is a microVM: devices lie in memory instead of on PCI, and there is no screen. Left out: it is not. */
  readonly micro?: MicroFacts | null;
  /** It goes on with a memory that was kept, so its devices are what and where they were. Left out: it starts anew. */
  readonly memory?: KeptMemory | null;
}

/** A folder of the host that a virtiofsd serves. */
export interface FolderDevice {
  /** QEMU's name of it, and of its chardev. */
  readonly id: string;
  /** By which the guest mounts it. */
  readonly tag: string;
  /** Of its virtiofsd, as QEMU finds it in its working folder. */
  readonly socket: string;
}

/** QEMU's name of a virtio device on the machine's bus. Pure. */
export const virtio = (device: string, { micro }: Pick<MachinePlan, 'micro'>) =>
  `${device}-${micro ? 'device' : 'pci'}`;

export interface KeptMemory {
  /** The descriptor its memory is read from. */
  readonly fd: number;
  /** The board's type with its version (`pc-q35-7.2`). */
  readonly board: string;
  readonly hasCd: boolean;
  /** Ports for devices that come and go. */
  readonly ports: number;
  /** Left out: it has none. */
  readonly balloon?: boolean;
  /** Left out: by nothing. */
  readonly grown?: Grown;
  /** Of each further disk that was in: its port. */
  readonly places: Readonly<Record<string, number>>;
  /** Of programs that were run in it from outside. Left out: none. */
  readonly lines?: readonly KeptLine[];
}

/** A virtio-serial port that was there when a memory was kept. */
export interface KeptLine {
  /** QEMU's name of the device, and of its chardev. */
  readonly name: string;
  /** Its number on the device that all such ports are on. */
  readonly nr: number;
}

/** What QEMU makes or opens in its working folder. */
export const ROOM = {
  qmp: 'qmp.sock',
  serial: 'serial.sock',
  vnc: 'vnc.sock',
  /** QEMU adds `.in` and `.out`. */
  agent: 'agent',
  config: 'config',
  tpm: 'tpm.sock',
  guestAgent: 'guest-agent.sock',
} as const;

/** Firmware tries the lower number first. What was installed starts by itself, with its medium still in; nothing on a disk is passed over. */
export const bootOrder = ({ guest }: Pick<MachinePlan, 'guest'>) =>
  guest.spec.machine.cdFirst ? { cd: 0, disk: 1 } : { cd: 1, disk: 0 };
