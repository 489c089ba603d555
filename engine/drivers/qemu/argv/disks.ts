/** Disks and the CD drive. */

import { CD_DEVICE, cacheOf, ROOT_DEVICE, readOnlyNode } from '../disk/blockdev.ts';
import { BOARDS } from '../hardware/boards.ts';
import { diskController, diskDevice } from './disk-bus.ts';
import { bootOrder, type MachinePlan, virtio } from './plan.ts';
import { seedDrive } from './seed.ts';

/** A machine with a known kernel has one only for a medium: it would cost its start. */
export const hasCd = ({ boot, cdrom, memory }: Pick<MachinePlan, 'boot' | 'cdrom' | 'memory'>) =>
  memory ? memory.hasCd : boot === null || cdrom !== null;

export function disks(plan: MachinePlan): string[] {
  const { architecture } = plan.hardware;
  // Where there is no SATA on the board, a CD is a SCSI one, which every system for such boards knows.
  const cdBus = BOARDS[architecture].ahci ? 'ide-cd,bus=ide.0' : 'scsi-cd,bus=scsi.0';
  return [
    ...diskController(plan.hardware, hasCd(plan)),
    ...(plan.cdrom
      ? ['-blockdev', JSON.stringify({ 'node-name': 'cd0', ...readOnlyNode({ format: 'raw', file: plan.cdrom }) })]
      : []),
    ...(hasCd(plan)
      ? ['-device', `${cdBus},bootindex=${bootOrder(plan).cd},id=${CD_DEVICE}${plan.cdrom ? ',drive=cd0' : ''}`]
      : []),
    ...(plan.disk === null ? [] : ownDisk(plan, plan.disk)),
    ...seedDrive(plan),
  ];
}

function ownDisk(plan: MachinePlan, filename: string): string[] {
  const { cache, discard } = plan.guest.spec.diskOptions;
  const unmap = discard ? 'unmap' : 'ignore';
  const disk = {
    driver: 'qcow2',
    'node-name': 'disk0',
    'read-only': false,
    discard: unmap,
    'detect-zeroes': discard ? 'unmap' : 'off',
    cache: cacheOf(cache),
    file: { driver: 'file', filename, discard: unmap, cache: cacheOf(cache) },
    backing: plan.base && readOnlyNode(plan.base),
  };
  const writeCache = cache === 'writethrough' ? ',write-cache=off' : '';
  return [
    '-blockdev',
    JSON.stringify(disk),
    '-device',
    `${plan.micro ? `${virtio('virtio-blk', plan)},drive=disk0` : diskDevice(plan.hardware.diskBus, 0, 'disk0')},id=${ROOT_DEVICE}${writeCache}${plan.boot ? '' : `,bootindex=${bootOrder(plan).disk}`}`,
  ];
}
