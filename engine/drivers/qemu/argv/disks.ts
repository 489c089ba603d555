/** Disks and the CD drive. */
import type { MachinePlan } from './plan.ts';

export function disks(plan: MachinePlan): string[] {
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
