/** The disks beside the first, each in a port of its own, so that it can be taken out while the machine runs. */
import { blockdev, diskDevice, nodeName, type OpenedDisk } from '../disk/blockdev.ts';
import { diskDevice as busDevice } from './disk-bus.ts';
import { bootOrder, type MachinePlan, virtio } from './plan.ts';
import { portName } from './ports.ts';

type Plan = Pick<MachinePlan, 'furtherDisks' | 'memory' | 'micro' | 'disk' | 'hardware' | 'guest'>;

export function furtherDisks(plan: Plan): string[] {
  return plan.furtherDisks.flatMap((disk, index) => [
    '-blockdev',
    JSON.stringify(blockdev(disk)),
    '-device',
    plan.disk === null && index === 0 ? bootDevice(disk, plan) : JSON.stringify(furtherDevice(disk, index, plan)),
  ]);
}

function furtherDevice(disk: OpenedDisk, index: number, { memory, micro }: Plan) {
  const place = micro
    ? { driver: virtio('virtio-blk', { micro }) }
    : { bus: portName(memory?.places[disk.name] ?? index) };
  return { ...diskDevice(disk), ...place };
}

/** In the place of a disk of its own: what the machine's system knows before any driver was installed. */
function bootDevice(disk: OpenedDisk, plan: Plan): string {
  const { diskBus } = plan.hardware;
  if (diskBus === 'virtio') return JSON.stringify({ ...furtherDevice(disk, 0, plan), bootindex: bootOrder(plan).disk });
  const { id, serial } = diskDevice(disk);
  const words = [busDevice(diskBus, 0, nodeName(disk.name)), `id=${id}`, `bootindex=${bootOrder(plan).disk}`];
  if (diskBus !== 'nvme') words.push(`serial=${serial}`); // it has one by its place
  if (disk.cache === 'writethrough') words.push('write-cache=off');
  return words.join(',');
}
