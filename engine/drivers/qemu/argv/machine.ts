/** The machine itself: its name, board, processors, memory and clock. */
import { BOARDS } from '../hardware/boards.ts';
import { PROFILES } from '../hardware/profiles.ts';
import { wholeCpus } from '../size/room.ts';
import { ACCELERATORS } from './accelerators.ts';
import { SOUND } from './consoles.ts';
import { hasCd } from './disks.ts';
import { optionValue } from './option-value.ts';
import type { MachinePlan } from './plan.ts';

const MIB = 1024 * 1024;
/** Of version 8 (RFC 9562), which leaves the rest to us. */
const UUID_PREFIX = '00000000-0000-8000-8000-';
/** What Windows uses of Hyper-V to be told of time and interrupts instead of polling for them (QEMU's docs/system/i386/hyperv). */
const HYPER_V =
  'hv-relaxed,hv-vapic,hv-spinlocks=0x1fff,hv-vpindex,hv-runtime,hv-synic,hv-stimer,hv-frequencies,hv-time,hv-tlbflush,hv-ipi';

/**
 * Serial line, clock, timer and interrupt controller, and no more (QEMU's docs/system/i386/microvm.rst). Without timer and
 * controller an emulated kernel takes twice as long; its own command line says all it needs.
 */
const MICRO = 'microvm,isa-serial=on,rtc=on,pit=on,pic=on,x-option-roms=off,auto-kernel-cmdline=off';
/** Devices of before virtio 1.0 are the default there, and virtiofsd serves no such. */
const MODERN = 'virtio-mmio.force-legacy=false';

/** By which its system is told that it went back in time or became another machine. */
export const GENERATION_DEVICE = 'generation';

export function identity({ guest, generation }: MachinePlan): string[] {
  return [
    '-name',
    `guest=${optionValue(guest.spec.name)}`,
    // Ends with the guest's id: what the firmware calls the machine stays the same, and a person finds its process.
    '-uuid',
    `${UUID_PREFIX}${guest.id}`,
    ...(generation ? ['-device', `vmgenid,id=${GENERATION_DEVICE},guid=${generation}`] : []),
  ];
}

export function board(plan: MachinePlan): string[] {
  const { boot, sharedMemory, hardware, uefi, memory } = plan;
  const shared = sharedMemory ? ['memory-backend=ram'] : [];
  if (plan.micro) return ['-machine', [MICRO, ...shared].join(','), '-global', MODERN];
  const { type, pc } = BOARDS[hardware.architecture];
  return [
    '-machine',
    [
      memory?.board ?? type,
      ...(pc ? ['vmport=off'] : []),
      // Where there is sound, the board's own beep is a part of it.
      ...(pc && hardware.sound !== 'none' ? [`pcspk-audiodev=${SOUND}`] : []),
      // Devices that a machine with a known kernel does not need cost emulated probing.
      ...(boot ? ['smbus=off', 'usb=off', 'i8042=off', 'smm=off', 'hpet=off'] : []),
      ...(boot && !hasCd(plan) ? ['sata=off'] : []),
      // Windows polls a clock that it has a better one for.
      ...(!boot && pc && usesHyperV(plan) ? ['hpet=off'] : []),
      ...(uefi ? [...(uefi.smm ? ['smm=on'] : []), 'pflash0=efi-code', 'pflash1=efi-variables'] : []),
      ...shared,
    ].join(','),
  ];
}

export function processors(plan: MachinePlan): string[] {
  const { accelerator, guest, size } = plan;
  return [
    '-accel',
    ACCELERATORS[accelerator].accel,
    '-cpu',
    cpu(plan),
    '-smp',
    `cpus=${size ? size.cpus : wholeCpus(guest.spec.cpus)}${size && size.maxCpus > size.cpus ? `,maxcpus=${size.maxCpus}` : ''}`,
  ];
}

function cpu(plan: MachinePlan): string {
  const { accelerator, cpuModel, hardware } = plan;
  const model = cpuModel ?? ACCELERATORS[accelerator].cpu ?? BOARDS[hardware.architecture].emulatedCpu;
  return usesHyperV(plan) ? `${model},${HYPER_V}` : model;
}

/** KVM alone offers it. */
function usesHyperV({ accelerator, hardware }: MachinePlan): boolean {
  return accelerator === 'kvm' && hardware.architecture === 'x86_64' && PROFILES[hardware.system].hyperV;
}

export function memory({ guest, sharedMemory, size }: MachinePlan): string[] {
  const bytes = (size?.memoryMib ?? guest.spec.memoryMib) * MIB;
  const most = size && size.maxMemoryMib > size.memoryMib ? `,maxmem=${size.maxMemoryMib}M` : '';
  return [
    '-m',
    `size=${bytes / MIB}M${most}`,
    ...(sharedMemory ? ['-object', `memory-backend-memfd,id=ram,size=${bytes},share=on`] : []),
  ];
}

export function clock({ hardware }: MachinePlan): string[] {
  return ['-rtc', PROFILES[hardware.system].localTime ? 'base=localtime,driftfix=slew' : 'base=utc'];
}
