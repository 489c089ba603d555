/** Guest -> QEMU's command line. Pure; tested against golden files. */
import type { GuestRecord } from '../driver.ts';
import { folderTag } from './guest-config.ts';

/**
 * Everything the command line names. Files are named as QEMU sees them: those it cannot reach itself come as descriptors
 * (`/dev/fdset/N`, `/proc/self/fd/N`), those of its working folder by their name alone.
 */
export interface MachinePlan {
  readonly binary: string;
  readonly guest: Pick<GuestRecord, 'id' | 'mac'> & {
    readonly spec: Pick<GuestRecord['spec'], 'name' | 'cpus' | 'memoryMib'>;
  };
  readonly accelerator: 'kvm' | 'tcg';
  /** Paths behind `/dev/fdset/N`; set N is descriptor N + 2. */
  readonly sets: ReadonlyMap<number, string>;
  /** The guest's own disk, always qcow2. */
  readonly disk: string;
  /** What it is the difference to. Named here, not taken from the disk: a guest could have changed that. */
  readonly base: { readonly file: string; readonly format: 'qcow2' | 'raw' } | null;
  /** Direct boot of a rootfs image; null: the firmware starts from CD, then disk. */
  readonly boot: { readonly kernel: string; readonly initrd: string } | null;
  readonly cdrom: string | null;
  /** Name of the tap device in the house; null: no network. */
  readonly tap: string | null;
  readonly serialLog: string;
  /** Sockets of the virtiofsd processes, one for each shared folder, in order. */
  readonly folderSockets: readonly string[];
}

/** What QEMU makes or opens in its working folder. */
export const ROOM = {
  qmp: 'qmp.sock',
  serial: 'serial.sock',
  vnc: 'vnc.sock',
  /** QEMU adds `.in` and `.out`. */
  agent: 'agent',
  config: 'config',
} as const;

const MIB = 1024 * 1024;
/** Of version 8 (RFC 9562), which leaves the rest to us. */
const UUID_PREFIX = '00000000-0000-8000-8000-';
/** TCG's cache of translated code would take up to 1 GiB by default (MiB). */
export const TCG_CACHE_MIB = 256;

/**
 * Kernel parameters: `panic=-1` with `-no-reboot` ends QEMU on a panic; the crypto self-tests cost a quarter of a
 * second under emulation and check nothing that changes; the processor's random numbers are QEMU's or the host's; on a
 * busy host the emulated timer ticks late, which the kernel's check of it takes for broken hardware and panics.
 */
const KERNEL_PARAMETERS = 'console=ttyS0 quiet panic=-1 cryptomgr.notests=1 random.trust_cpu=on no_timer_check';

export function machineArgv(plan: MachinePlan): string[] {
  const { guest, boot } = plan;
  const memoryBytes = guest.spec.memoryMib * MIB;
  const shared = plan.folderSockets.length > 0;
  return [
    plan.binary,
    '-name',
    `guest=${optionValue(guest.spec.name)}`,
    // Ends with the guest's id: what the firmware calls the machine stays the same, and a person finds its process.
    '-uuid',
    `${UUID_PREFIX}${guest.id}`,
    '-nodefaults',
    '-no-user-config',
    '-sandbox',
    'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny',
    '-machine',
    [
      'q35',
      'vmport=off',
      // Devices that a machine with a known kernel does not need cost emulated probing.
      ...(boot ? ['smbus=off', 'usb=off', 'i8042=off', 'smm=off', 'hpet=off'] : []),
      ...(boot && plan.cdrom === null ? ['sata=off'] : []),
      ...(shared ? ['memory-backend=ram'] : []),
    ].join(','),
    '-accel',
    plan.accelerator === 'kvm' ? 'kvm' : `tcg,thread=multi,tb-size=${TCG_CACHE_MIB}`,
    '-cpu',
    plan.accelerator === 'kvm' ? 'host' : 'max,la57=off',
    '-smp',
    `cpus=${Math.max(1, Math.ceil(guest.spec.cpus))}`,
    '-m',
    `size=${memoryBytes / MIB}M`,
    ...(shared ? ['-object', `memory-backend-memfd,id=ram,size=${memoryBytes},share=on`] : []),
    '-rtc',
    'base=utc',
    '-msg',
    'guest-name=off',
    '-display',
    'none',
    // The path is for whoever looks at the process.
    ...[...plan.sets].flatMap(([set, path]) => ['-add-fd', `fd=${set + 2},set=${set},opaque=${optionValue(path)}`]),
    ...monitor(),
    ...consoles(plan),
    ...(boot ? directBoot(boot, guest.spec.cpus) : []),
    ...disks(plan),
    ...network(plan),
    ...plan.folderSockets.flatMap((socket, index) => [
      '-chardev',
      `socket,id=folder${index},path=${optionValue(socket)}`,
      '-device',
      `vhost-user-fs-pci,chardev=folder${index},tag=${folderTag(index)}`,
    ]),
  ];
}

function monitor(): string[] {
  return ['-chardev', `socket,id=qmp,path=${ROOM.qmp},server=on,wait=off`, '-mon', 'chardev=qmp,mode=control'];
}

function consoles({ serialLog, boot }: MachinePlan): string[] {
  return [
    '-chardev',
    `socket,id=serial,path=${ROOM.serial},server=on,wait=off,logfile=${serialLog},logappend=on`,
    '-serial',
    'chardev:serial',
    '-vnc',
    `unix:${ROOM.vnc},share=force-shared`,
    '-device',
    'VGA,id=screen',
    ...(boot
      ? // A pipe is always open, unlike a socket: the guest can read and write whether or not somebody listens.
        [
          '-chardev',
          `pipe,id=agent,path=${ROOM.agent}`,
          '-device',
          'virtio-serial-pci,max_ports=2',
          '-device',
          'virtserialport,chardev=agent,nr=1,name=guesthouse.agent',
        ]
      : // An absolute pointer, so that the viewer's and the guest's agree.
        ['-device', 'qemu-xhci,id=usb', '-device', 'usb-tablet,bus=usb.0']),
  ];
}

function directBoot(boot: NonNullable<MachinePlan['boot']>, cpus: number): string[] {
  return [
    '-kernel',
    boot.kernel,
    '-initrd',
    boot.initrd,
    '-append',
    // With one processor, patching its locks away costs more than it brings.
    cpus <= 1 ? `${KERNEL_PARAMETERS} noreplace-smp` : KERNEL_PARAMETERS,
    '-fw_cfg',
    `name=opt/guesthouse/config,file=${ROOM.config}`,
    // The guest's end is its command's end: a reboot counts as one.
    '-no-reboot',
  ];
}

function disks(plan: MachinePlan): string[] {
  const readOnly = (driver: 'qcow2' | 'raw', filename: string) => ({
    driver,
    'read-only': true,
    file: { driver: 'file', filename },
    ...(driver === 'qcow2' ? { backing: null } : {}),
  });
  const disk = {
    driver: 'qcow2',
    'node-name': 'disk0',
    'read-only': false,
    discard: 'unmap',
    'detect-zeroes': 'unmap',
    file: { driver: 'file', filename: plan.disk, discard: 'unmap' },
    backing: plan.base && readOnly(plan.base.format, plan.base.file),
  };
  return [
    ...(plan.cdrom
      ? [
          '-blockdev',
          JSON.stringify({ 'node-name': 'cd0', ...readOnly('raw', plan.cdrom) }),
          '-device',
          'ide-cd,bus=ide.0,drive=cd0,bootindex=0',
        ]
      : []),
    '-blockdev',
    JSON.stringify(disk),
    '-device',
    `virtio-blk-pci,drive=disk0${plan.boot ? '' : ',bootindex=1'}`,
  ];
}

function network({ tap, guest }: MachinePlan): string[] {
  if (tap === null) return ['-nic', 'none'];
  return [
    '-netdev',
    `tap,id=net0,ifname=${tap},script=no,downscript=no`,
    '-device',
    // Without its boot firmware: nothing boots from the network.
    `virtio-net-pci,netdev=net0,mac=${guest.mac},romfile=`,
  ];
}

/** In QEMU's `key=value,…` options a comma ends the value, and two commas are one. */
export function optionValue(text: string): string {
  return text.replaceAll(',', ',,');
}
