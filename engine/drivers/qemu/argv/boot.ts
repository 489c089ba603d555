/** How the machine starts: a kernel handed in, or the firmware. */
import type { MicroFacts } from '../hardware/micro.ts';
import { type MachinePlan, ROOM } from './plan.ts';

/**
 * Kernel parameters: `panic=-1` with `-no-reboot` ends QEMU on a panic; the crypto self-tests cost a quarter of a
 * second under emulation and check nothing that changes; the processor's random numbers are QEMU's or the host's; on a
 * busy host the emulated timer ticks late, which the kernel's check of it takes for broken hardware and panics.
 */
const KERNEL_PARAMETERS = 'console=ttyS0 quiet panic=-1 cryptomgr.notests=1 random.trust_cpu=on no_timer_check';

/** Its devices reach all memory there is and may come: nothing is set aside for others (see size/room.ts). */
const MAY_GROW = 'swiotlb=noforce';

export function directBoot({ boot, guest, micro, memory, size }: MachinePlan): string[] {
  if (boot === null) return [];
  // With one processor, patching its locks away costs more than it brings.
  const parameters = [
    KERNEL_PARAMETERS,
    ...(guest.spec.cpus <= 1 ? ['noreplace-smp'] : []),
    ...(size && size.maxMemoryMib > size.memoryMib ? [MAY_GROW] : []),
    ...(micro ? microParameters(micro) : []),
  ];
  return [
    // A kept memory has its kernel in it; reading it from its file first would take as long as the memory itself.
    ...(memory ? [] : ['-kernel', boot.kernel, '-initrd', boot.initrd, '-append', parameters.join(' ')]),
    '-fw_cfg',
    `name=opt/guesthouse/config,file=${ROOM.config}`,
    // The guest's end is its command's end: a reboot counts as one.
    '-no-reboot',
  ];
}

/** The kernel looks for no PCI, and its complaint about that is no output: init has errors shown again. */
function microParameters({ tscKhz }: MicroFacts): string[] {
  return ['pci=off loglevel=3', ...(tscKhz === null ? [] : [`tsc_early_khz=${tscKhz}`])];
}
