/** The board QEMU builds for each architecture, and what is different on it. Pure data. */
import type { Architecture, Firmware } from '../../../contract/machine.ts';

export interface Board {
  /** QEMU's program. */
  readonly program: string;
  /** `-machine` type. */
  readonly type: string;
  /** `-cpu` under TCG: all that the emulator does quickly. */
  readonly emulatedCpu: string;
  /** Firmware it can have; the first one is what `auto` means where nothing else speaks. */
  readonly firmwares: readonly Firmware[];
  /** A SATA controller is on the board. */
  readonly ahci: boolean;
  /** A PS/2 keyboard and VGA are on the board or can be. */
  readonly pc: boolean;
  /** Device of the TPM; null: it has no place for one. */
  readonly tpmDevice: string | null;
}

export const BOARDS: Readonly<Record<Architecture, Board>> = {
  x86_64: {
    program: 'qemu-system-x86_64',
    type: 'q35',
    // Five-level page tables cost every emulated address translation one more step.
    emulatedCpu: 'max,la57=off',
    firmwares: ['bios', 'uefi', 'uefi-secure'],
    ahci: true,
    pc: true,
    tpmDevice: 'tpm-crb',
  },
  aarch64: {
    program: 'qemu-system-aarch64',
    type: 'virt',
    // `max` has 52-bit addresses and pointer authentication: older systems do not start, all are slower.
    emulatedCpu: 'cortex-a72',
    firmwares: ['uefi', 'uefi-secure'],
    ahci: false,
    pc: false,
    tpmDevice: 'tpm-tis-device',
  },
  riscv64: {
    program: 'qemu-system-riscv64',
    type: 'virt',
    emulatedCpu: 'rv64',
    firmwares: ['uefi'],
    ahci: false,
    pc: false,
    tpmDevice: null,
  },
};

/** As Go and OCI images name architectures, and Node. null: none that machines can have. */
export function architectureOf(name: string): Architecture | null {
  const known: Record<string, Architecture> = {
    ...{ amd64: 'x86_64', x64: 'x86_64', x86_64: 'x86_64' },
    ...{ arm64: 'aarch64', aarch64: 'aarch64', riscv64: 'riscv64' },
  };
  return Object.hasOwn(known, name) ? (known[name] as Architecture) : null;
}
