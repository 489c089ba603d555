/** What executes guest code, and the words of it for QEMU (its documentation, "Accelerators"). Pure. */
import type { Accelerator } from '../../../contract/machine.ts';

/** TCG's cache of translated code would take up to 1 GiB by default (MiB). */
export const TCG_CACHE_MIB = 256;

export interface AcceleratorWords {
  /** For people. */
  readonly name: string;
  /** Of `-accel`. */
  readonly accel: string;
  /** The processor a guest sees unless it asks for another. null: the board's. */
  readonly cpu: string | null;
}

export const ACCELERATORS: Readonly<Record<Accelerator, AcceleratorWords>> = {
  kvm: { name: 'KVM', accel: 'kvm', cpu: 'host' },
  hvf: { name: 'HVF', accel: 'hvf', cpu: 'host' },
  // Its interrupt controller loses interrupts before QEMU 11, and `max` has what it cannot do.
  whpx: { name: 'WHPX', accel: 'whpx,kernel-irqchip=off', cpu: 'qemu64' },
  tcg: { name: 'software emulation', accel: `tcg,thread=multi,tb-size=${TCG_CACHE_MIB}`, cpu: null },
};
