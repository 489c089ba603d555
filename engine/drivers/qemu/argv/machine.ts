/** The machine itself: its name, board, processors, memory and clock. */

import { optionValue } from './option-value.ts';
import type { MachinePlan } from './plan.ts';

const MIB = 1024 * 1024;
/** Of version 8 (RFC 9562), which leaves the rest to us. */
const UUID_PREFIX = '00000000-0000-8000-8000-';
/** TCG's cache of translated code would take up to 1 GiB by default (MiB). */
export const TCG_CACHE_MIB = 256;

export function identity({ guest }: MachinePlan): string[] {
  return [
    '-name',
    `guest=${optionValue(guest.spec.name)}`,
    // Ends with the guest's id: what the firmware calls the machine stays the same, and a person finds its process.
    '-uuid',
    `${UUID_PREFIX}${guest.id}`,
  ];
}

export function board({ boot, cdrom, folderSockets }: MachinePlan): string[] {
  return [
    '-machine',
    [
      'q35',
      'vmport=off',
      // Devices that a machine with a known kernel does not need cost emulated probing.
      ...(boot ? ['smbus=off', 'usb=off', 'i8042=off', 'smm=off', 'hpet=off'] : []),
      ...(boot && cdrom === null ? ['sata=off'] : []),
      ...(folderSockets.length > 0 ? ['memory-backend=ram'] : []),
    ].join(','),
  ];
}

export function processors({ accelerator, guest }: MachinePlan): string[] {
  return [
    '-accel',
    accelerator === 'kvm' ? 'kvm' : `tcg,thread=multi,tb-size=${TCG_CACHE_MIB}`,
    '-cpu',
    accelerator === 'kvm' ? 'host' : 'max,la57=off',
    '-smp',
    `cpus=${Math.max(1, Math.ceil(guest.spec.cpus))}`,
  ];
}

export function memory({ guest, folderSockets }: MachinePlan): string[] {
  const bytes = guest.spec.memoryMib * MIB;
  return [
    '-m',
    `size=${bytes / MIB}M`,
    ...(folderSockets.length > 0 ? ['-object', `memory-backend-memfd,id=ram,size=${bytes},share=on`] : []),
  ];
}

export function clock(): string[] {
  return ['-rtc', 'base=utc'];
}
