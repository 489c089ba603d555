/** Disks and the CD drive. */
import { BOARDS } from '../hardware/boards.ts';
import { diskController, diskDevice } from './disk-bus.ts';
import type { MachinePlan } from './plan.ts';

export function disks(plan: MachinePlan): string[] {
  const { diskBus, architecture } = plan.hardware;
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
  // Where there is no SATA on the board, a CD is a SCSI one, which every system for such boards knows.
  const cdBus = BOARDS[architecture].ahci ? 'ide-cd,bus=ide.0' : 'scsi-cd,bus=scsi.0';
  return [
    ...diskController(plan.hardware, plan.cdrom !== null),
    ...(plan.cdrom
      ? [
          '-blockdev',
          JSON.stringify({ 'node-name': 'cd0', ...readOnly('raw', plan.cdrom) }),
          '-device',
          `${cdBus},drive=cd0,bootindex=0`,
        ]
      : []),
    '-blockdev',
    JSON.stringify(disk),
    '-device',
    `${diskDevice(diskBus, 0, 'disk0')}${plan.boot ? '' : ',bootindex=1'}`,
    ...(plan.seed
      ? // As a disk that cannot be written: the kernels of cloud images have no driver for the machine's own CD drives.
        [
          '-blockdev',
          JSON.stringify({ 'node-name': 'seed', ...readOnly('raw', plan.seed) }),
          '-device',
          'virtio-blk-pci,drive=seed',
        ]
      : []),
  ];
}
