/** The disks beside the first, each in a port of its own, so that it can be taken out while the machine runs. */
import { blockdev, diskDevice } from '../disk/blockdev.ts';
import type { MachinePlan } from './plan.ts';
import { portName } from './ports.ts';

export function furtherDisks({ furtherDisks: all, memory }: Pick<MachinePlan, 'furtherDisks' | 'memory'>): string[] {
  return all.flatMap((disk, index) => [
    '-blockdev',
    JSON.stringify(blockdev(disk)),
    '-device',
    JSON.stringify({ ...diskDevice(disk), bus: portName(memory?.places[disk.name] ?? index) }),
  ]);
}
