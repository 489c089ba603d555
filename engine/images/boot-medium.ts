/**
 * From which firmware a CD or DVD starts: its boot catalog (El Torito 1.0; platform 0xef of the UEFI specification,
 * 13.3.2.1). The file is hostile: everything is read at fixed places and lengths.
 */
import { type FileHandle, open } from 'node:fs/promises';
import type { Architecture } from '../contract/machine.ts';

export interface BootMedium {
  readonly bios: boolean;
  readonly efi: boolean;
  /** Of its UEFI boot program; null: not known. */
  readonly architecture: Architecture | null;
}

const SECTOR = 2048;
const BOOT_RECORD_SECTOR = 17;
const BIOS_PLATFORM = 0x00;
const EFI_PLATFORM = 0xef;
/** Root and first folders of the FAT image with the boot program (bytes). */
const FAT_BYTES = 4 * 1024 * 1024;
/** UEFI's names of removable boot programs, as a FAT folder has them: eight and three letters. */
const PROGRAMS: readonly (readonly [string, Architecture])[] = [
  ['BOOTX64 EFI', 'x86_64'],
  ['BOOTAA64EFI', 'aarch64'],
];
/** Has a long name in a FAT folder (UTF-16). */
const RISCV_PROGRAM = Buffer.from('BOOTR', 'utf16le');

/** Never throws for content: what is no boot catalog is a medium that does not start. */
export async function readBootMedium(path: string): Promise<BootMedium> {
  const file = await open(path, 'r');
  try {
    const record = await sectorOf(file, BOOT_RECORD_SECTOR);
    if (
      record.length < SECTOR ||
      record.toString('latin1', 1, 6) !== 'CD001' ||
      record.toString('latin1', 7, 30) !== 'EL TORITO SPECIFICATION'
    )
      return { bios: false, efi: false, architecture: null };
    const entries = catalogEntries(await sectorOf(file, record.readUInt32LE(0x47)));
    const efi = entries.find(({ platform }) => platform === EFI_PLATFORM);
    const image = efi ? await bytesAt(file, efi.sector * SECTOR, FAT_BYTES) : null;
    return {
      bios: entries.some(({ platform }) => platform === BIOS_PLATFORM),
      efi: efi !== undefined,
      architecture: image && programArchitecture(image),
    };
  } finally {
    await file.close();
  }
}

interface CatalogEntry {
  readonly platform: number;
  readonly sector: number;
}

/** Bootable entries of one sector of 32-byte records: validation, default, then section headers with theirs. */
export function catalogEntries(catalog: Buffer): CatalogEntry[] {
  if (catalog.length < SECTOR || catalog[0] !== 1 || catalog[30] !== 0x55 || catalog[31] !== 0xaa) return [];
  const found: CatalogEntry[] = [];
  let platform = catalog[1] as number;
  for (let at = 32; at + 32 <= catalog.length; at += 32) {
    const kind = catalog[at];
    if (kind === 0x90 || kind === 0x91) platform = catalog[at + 1] as number;
    else if (kind === 0x88) found.push({ platform, sector: catalog.readUInt32LE(at + 8) });
  }
  return found;
}

function programArchitecture(fat: Buffer): Architecture | null {
  for (const [name, architecture] of PROGRAMS) if (fat.includes(name, 0, 'latin1')) return architecture;
  return fat.includes(RISCV_PROGRAM) ? 'riscv64' : null;
}

function sectorOf(file: FileHandle, sector: number): Promise<Buffer> {
  return bytesAt(file, sector * SECTOR, SECTOR);
}

/** Shorter at the file's end. */
async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, position);
  return bytes.subarray(0, bytesRead);
}
