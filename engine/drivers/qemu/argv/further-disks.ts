/** The disks beside the first, each in a port of its own, so that it can be taken out while the machine runs. */
import { blockdev, diskDevice } from '../disk/blockdev.ts';
import { type MachinePlan, virtio } from './plan.ts';
import { portName } from './ports.ts';

export function furtherDisks({
  furtherDisks: all,
  memory,
  micro,
}: Pick<MachinePlan, 'furtherDisks' | 'memory' | 'micro'>): string[] {
  return all.flatMap((disk, index) => [
    '-blockdev',
    JSON.stringify(blockdev(disk)),
    '-device',
    JSON.stringify({
      ...diskDevice(disk),
      ...(micro ? { driver: virtio('virtio-blk', { micro }) } : { bus: portName(memory?.places[disk.name] ?? index) }),
    }),
  ]);
}
