/** How a disk is connected, for each bus. */
import type { DiskBus, MachineFound } from '../../../contract/machine.ts';
import { BOARDS } from '../hardware/boards.ts';

/** Controllers that disks of this bus, and a CD drive, need beside what is on the board. */
export function diskController({ diskBus, architecture }: MachineFound, hasCd: boolean): string[] {
  const { ahci } = BOARDS[architecture];
  return [
    ...(diskBus === 'scsi' || (hasCd && !ahci) ? ['-device', 'virtio-scsi-pci,id=scsi'] : []),
    ...(diskBus === 'sata' && !ahci ? ['-device', 'ich9-ahci,id=ide'] : []),
  ];
}

/** One disk's device, to which `,bootindex=N` may be added. `index`: from 0; the CD drive has the first SATA port. */
export function diskDevice(bus: DiskBus, index: number, node: string): string {
  if (bus === 'virtio') return `virtio-blk-pci,drive=${node}`;
  if (bus === 'scsi') return `scsi-hd,bus=scsi.0,drive=${node}`;
  if (bus === 'sata') return `ide-hd,bus=ide.${index + 1},drive=${node}`;
  if (bus === 'nvme') return `nvme,drive=${node},serial=guesthouse${index}`;
  return `usb-storage,bus=usb.0,drive=${node}`;
}
