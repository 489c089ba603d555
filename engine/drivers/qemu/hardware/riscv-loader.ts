/** U-Boot for QEMU's riscv64 board: it offers UEFI to what it starts. */
import { exists } from '../../../host/files.ts';

const PLACES = [
  '/usr/lib/u-boot/qemu-riscv64_smode/u-boot.bin',
  '/usr/share/uboot/qemu-riscv64_smode/u-boot.bin',
  '/usr/share/u-boot/qemu-riscv64_smode/u-boot.bin',
];

/** null: not installed. */
export async function findBootLoader(): Promise<string | null> {
  for (const place of PLACES) if (await exists(place)) return place;
  return null;
}
