/** What opens the disks of another machine -> QEMU's command line. Pure. */
import type { Accelerator } from '../../../contract/machine.ts';
import { ACCELERATORS } from '../argv/accelerators.ts';
import { optionValue } from '../argv/option-value.ts';
import type { BaseFile } from '../disk/blockdev.ts';
import { readOnlyNode } from '../disk/blockdev.ts';
import { BOARDS } from '../hardware/boards.ts';
import { QMP_SOCKET, SHELL_SOCKET, workSocket } from './paths.ts';

export interface RescueDisk {
  /** `root`, or the further disk's name. */
  readonly name: string;
  readonly file: string;
  readonly format: 'qcow2' | 'raw';
  readonly base: BaseFile | null;
  readonly isHost: boolean;
  /** qcow2 that takes what is written instead; null: the disk itself does. */
  readonly overlay: string | null;
}

export interface RescuePlan {
  readonly binary: string;
  readonly guestName: string;
  readonly accelerator: Accelerator;
  readonly boot: { readonly kernel: string; readonly initrd: string };
  readonly disks: readonly RescueDisk[];
  readonly sets: ReadonlyMap<number, string>;
}

/** Enough for large file systems' own tables; the guest's real memory does not matter. */
export const RESCUE_MEMORY_MIB = 256;
/** Ports that acts go through: the first for acts on the rescue itself, the last for the shell. */
export const WORKERS = 5;
/** Of the kernel's words, for when it does not come up (bytes, a power of two). */
export const KERNEL_LOG_BYTES = 65_536;
export const KERNEL_LOG = 'kernel';

export function rescueArgv(plan: RescuePlan): string[] {
  const board = BOARDS.x86_64;
  const numbers = Array.from({ length: WORKERS }, (_, number) => number);
  return [
    plan.binary,
    ...['-name', `guest=${optionValue(`rescue of ${plan.guestName}`)}`],
    ...['-nodefaults', '-no-user-config'],
    ...['-sandbox', 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny'],
    ...['-machine', `${board.type},vmport=off,smbus=off,usb=off,i8042=off,smm=off,hpet=off,sata=off`],
    ...['-accel', ACCELERATORS[plan.accelerator].accel],
    ...['-cpu', ACCELERATORS[plan.accelerator].cpu ?? board.emulatedCpu],
    ...['-smp', 'cpus=1', '-m', `size=${RESCUE_MEMORY_MIB}M`, '-display', 'none', '-vga', 'none'],
    ...[...plan.sets].flatMap(([set, path]) => ['-add-fd', `fd=${set + 2},set=${set},opaque=${optionValue(path)}`]),
    ...['-chardev', `socket,id=qmp,path=${QMP_SOCKET},server=on,wait=off`, '-mon', 'chardev=qmp,mode=control'],
    // In memory: whoever is on the disk shall not fill the host's with words.
    ...['-chardev', `ringbuf,id=${KERNEL_LOG},size=${KERNEL_LOG_BYTES}`, '-serial', `chardev:${KERNEL_LOG}`],
    ...['-device', 'virtio-serial-pci,max_ports=8'],
    ...['-chardev', `socket,id=shell,path=${SHELL_SOCKET},server=on,wait=off`, '-device', 'virtconsole,chardev=shell'],
    ...numbers.flatMap((number) => [
      '-chardev',
      `socket,id=work${number},path=${workSocket(number)},server=on,wait=off`,
      '-device',
      `virtserialport,chardev=work${number},nr=${number + 1},name=guesthouse.work${number}`,
    ]),
    ...['-kernel', plan.boot.kernel, '-initrd', plan.boot.initrd],
    '-append',
    // What the kernel does not know is in its init's environment.
    `console=ttyS0 quiet panic=-1 cryptomgr.notests=1 random.trust_cpu=on no_timer_check noreplace-smp workers=${WORKERS}`,
    '-no-reboot',
    ...plan.disks.flatMap((disk, index) => [
      '-blockdev',
      JSON.stringify(node(disk, index)),
      '-device',
      JSON.stringify({ driver: 'virtio-blk-pci', drive: `disk${index}`, serial: serialOf(disk.name) }),
    ]),
  ];
}

/** virtio's serial numbers have 20 bytes. */
export const serialOf = (name: string) => name.slice(0, 20);

function node({ file, format, base, isHost, overlay }: RescueDisk, index: number): Record<string, unknown> {
  const readOnly = overlay !== null;
  const disk = {
    driver: format,
    'read-only': readOnly,
    file: { driver: isHost ? 'host_device' : 'file', filename: file, 'read-only': readOnly, locking: 'on' },
    ...(format === 'qcow2' ? { backing: base && readOnlyNode(base) } : {}),
  };
  const name = { 'node-name': `disk${index}` };
  if (!readOnly) return { ...disk, ...name };
  return { driver: 'qcow2', ...name, file: { driver: 'file', filename: overlay }, backing: disk };
}
