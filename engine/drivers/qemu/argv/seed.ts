/** The medium of a first login (seed/seed.ts), read-only, connected so that the system inside sees it. */
import { BOARDS } from '../hardware/boards.ts';
import type { MachinePlan } from './plan.ts';

/** The last port of the board's SATA controller; disks begin at the first. */
const SATA_PORT = 5;

export function seedDrive({ seed, hardware }: Pick<MachinePlan, 'seed' | 'hardware'>): string[] {
  if (!seed) return [];
  const file = { driver: 'file', filename: seed };
  const node = { 'node-name': 'seed', driver: 'raw', 'read-only': true, file };
  const { ahci } = BOARDS[hardware.architecture];
  // With virtio a disk that cannot be written: the kernels of cloud images have no driver for the board's CD drives.
  const device =
    hardware.diskBus === 'sata' && ahci ? `ide-cd,bus=ide.${SATA_PORT},drive=seed` : 'virtio-blk-pci,drive=seed';
  return ['-blockdev', JSON.stringify(node), '-device', device];
}
