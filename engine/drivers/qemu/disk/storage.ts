/** The files of a machine's further disks: `guests/<id>/disks/<name>.<format>`. */
import { constants } from 'node:fs';
import { type FileHandle, open, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasOwnDisk, isHostDisk, type MachineDisk, ROOT_DISK } from '../../../contract/disk.ts';
import { GuesthouseError } from '../../../contract/errors.ts';
import { blockDevice } from '../../../host/block-devices.ts';
import { exists, privateFolder, syncFolder } from '../../../host/files.ts';
import { guestFolder, type Paths } from '../../../host/paths.ts';
import { run } from '../../../host/process.ts';
import { readDiskHeader } from '../../../images/disk-header/index.ts';
import { copyInto } from '../../../images/import/copy.ts';
import type { MachineImage } from '../../../images/store.ts';
import type { DriverContext, GuestRecord, OperationContext } from '../../driver.ts';
import { type Backing, behindTop, forgetTops, type ImageDisk, isLayerFile, readLayers } from '../layers/record.ts';

const GIB = 1024 ** 3;
const SECTOR_BYTES = 512;

/** Of the disk's own file; a disk of the host has none. Names are checked (`a-z 0-9 - _`) before they come here. */
export function diskFile(paths: Paths, guestId: string, disk: Pick<MachineDisk, 'name' | 'format'>): string {
  return join(disksFolder(paths, guestId), `${disk.name}.${disk.format}`);
}

const disksFolder = (paths: Paths, guestId: string) => join(guestFolder(paths, guestId), 'disks');

/** The image's disk that a further disk is the difference to. null: it is none. */
export async function baseOf(
  { images }: Pick<DriverContext, 'images'>,
  { from }: Pick<MachineDisk, 'from'>,
  operation: OperationContext,
): Promise<MachineImage['disk'] | null> {
  if (from === null || isHostDisk({ from })) return null;
  return (await images.machine(from, operation)).disk;
}

/** Bytes the guest shall see. */
export function wantedBytes(disk: MachineDisk, base: Pick<MachineImage['disk'], 'virtualBytes'> | null): number {
  const asked = disk.sizeGib === null ? 0 : Math.round((disk.sizeGib * GIB) / SECTOR_BYTES) * SECTOR_BYTES;
  return Math.max(asked, base?.virtualBytes ?? 0);
}

/** Makes the file where there is none yet, and lets one that is there grow. All or nothing through `undo`. */
export async function ensureDisk(
  context: Pick<DriverContext, 'images' | 'paths'>,
  guest: GuestRecord,
  disk: MachineDisk,
  operation: OperationContext,
): Promise<void> {
  if (isHostDisk(disk)) return;
  const path = diskFile(context.paths, guest.id, disk);
  const base = await baseOf(context, disk, operation);
  const bytes = wantedBytes(disk, base);
  const { signal } = operation;
  if (await exists(path)) {
    const found = await headerOf(context, guest.id, disk, base);
    if (found.virtualBytes < bytes)
      await run(['qemu-img', 'resize', '-q', '-f', disk.format, path, String(bytes)], { signal });
    return;
  }
  operation.undo.defer(`the disk ${disk.name}`, () => rm(path, { force: true }));
  await privateFolder(dirname(path));
  const backing = base ? ['-b', base.path, '-F', base.format] : [];
  await run(['qemu-img', 'create', '-q', '-f', disk.format, ...backing, path, String(bytes)], { signal });
  await syncFolder(dirname(path));
}

/** What a further disk's file is the difference to: its layers, and under them the image's disk. */
export async function backingOf(
  { paths }: Pick<DriverContext, 'paths'>,
  guestId: string,
  { name, format }: Pick<MachineDisk, 'name' | 'format'>,
  base: ImageDisk | null,
): Promise<Backing | null> {
  if (format === 'raw') return null;
  const home = guestFolder(paths, guestId);
  return behindTop(home, await readLayers(home), name, base);
}

/** Throws `bad-data` when the file is not what was made: whoever broke out of a guest could have written into it. */
export async function headerOf(
  context: Pick<DriverContext, 'paths'>,
  guestId: string,
  disk: MachineDisk,
  base: ImageDisk | null,
) {
  const backing = await backingOf(context, guestId, disk, base);
  const path = diskFile(context.paths, guestId, disk);
  return readDiskHeader(path, { as: disk.format, ...(backing ? { backing: backing.name } : {}) });
}

export async function ensureDisks(
  context: Pick<DriverContext, 'images' | 'paths'>,
  guest: GuestRecord,
  operation: OperationContext,
): Promise<void> {
  for (const disk of guest.spec.disks) await ensureDisk(context, guest, disk, operation);
}

/** Files of disks the guest has no more. */
export async function sweepDisks(paths: Paths, guest: GuestRecord): Promise<void> {
  const folder = disksFolder(paths, guest.id);
  const kept = new Set(guest.spec.disks.map(({ name, format }) => `${name}.${format}`));
  for (const name of await readdir(folder).catch(() => []))
    if (!kept.has(name) && !isLayerFile(name)) await rm(join(folder, name), { force: true });
  await forgetTops(guestFolder(paths, guest.id), [ROOT_DISK, ...guest.spec.disks.map(({ name }) => name)]);
}

export async function removeDisks(paths: Paths, guestId: string): Promise<void> {
  await rm(disksFolder(paths, guestId), { recursive: true, force: true });
}

/** Throws `unsupported` for a guest that has nothing but what it starts from. */
export function requireOwnDisk({ spec }: GuestRecord): void {
  if (hasOwnDisk(spec)) return;
  throw new GuesthouseError({
    code: 'unsupported',
    message: `${spec.name} has no disk of its own that could go into a guest's file.`,
    subject: spec.name,
    hint: 'Copy what it starts from.',
  });
}

/** `formats`: of which there are copies. */
export async function copyDisks(
  paths: Paths,
  from: GuestRecord,
  to: GuestRecord,
  operation: OperationContext,
  formats: readonly MachineDisk['format'][] = ['qcow2', 'raw'],
): Promise<void> {
  for (const disk of from.spec.disks) {
    if (isHostDisk(disk) || !formats.includes(disk.format)) continue;
    const target = diskFile(paths, to.id, disk);
    operation.undo.defer(`the disk ${disk.name}`, () => rm(target, { force: true }));
    await privateFolder(dirname(target));
    await copyInto(diskFile(paths, from.id, disk), target, `Copying the disk ${disk.name}`, operation);
    await syncFolder(dirname(target));
  }
}

/**
 * Opens a disk of the host for a guest alone: nobody mounts it as long as the descriptor lives (open(2), O_EXCL of a block
 * device). Throws `not-found`, `denied`, or `conflict` when it is in use.
 */
export async function openHostDisk(path: string, readOnly: boolean): Promise<FileHandle> {
  const device = blockDevice(path);
  const fail = (code: 'not-found' | 'conflict' | 'denied', message: string, cause?: string) =>
    new GuesthouseError({ code, message, subject: path, ...(cause ? { cause } : {}), hint: HINTS[code] });
  if (!device || !(await stat(path)).isBlockDevice()) throw fail('not-found', `${path} is not a disk of this host.`);
  if (device.usedBy !== null) throw fail('conflict', `${path} is in use by the host: ${device.usedBy}.`);
  try {
    return await open(path, (readOnly ? constants.O_RDONLY : constants.O_RDWR) | constants.O_EXCL);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EBUSY') throw fail('conflict', `${path} is in use by the host or another guest.`, message);
    throw fail('denied', `${path} cannot be opened.`, message);
  }
}

const HINTS = {
  'not-found': 'See `lsblk` for those there are.',
  conflict: 'Unmount it first. Two systems on one disk destroy it.',
  denied: 'Look at who may read and write it; on most systems that is root and the group `disk`.',
} as const;
