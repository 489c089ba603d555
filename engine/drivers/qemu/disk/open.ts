/** A further disk of the spec with its files opened, for a machine that starts or that runs. */

import type { FileHandle } from 'node:fs/promises';
import type { MachineDisk } from '../../../contract/disk.ts';
import { isHostDisk } from '../../../contract/disk.ts';
import type { DriverContext, GuestRecord, OperationContext } from '../../driver.ts';
import { type Access, openForQemu } from '../descriptors.ts';
import type { Backing } from '../layers/record.ts';
import type { BaseFile, OpenedDisk } from './blockdev.ts';
import { backingOf, baseOf, diskFile, headerOf, openHostDisk } from './storage.ts';

/** Takes an open file (and closes it in the end); answers the name by which QEMU opens it. */
export type Give = (file: FileHandle, path: string) => Promise<string>;

/** Throws `bad-data`, `not-found`, `denied` or `conflict` by the disk's file. */
export async function openDisk(
  context: DriverContext,
  guest: GuestRecord,
  disk: MachineDisk,
  give: Give,
  operation: OperationContext,
): Promise<OpenedDisk> {
  const { name, format, readOnly, cache, discard } = disk;
  const shared = { name, format, readOnly, cache, discard };
  if (isHostDisk(disk)) {
    const path = disk.from as string;
    return { ...shared, file: await give(await openHostDisk(path, readOnly), path), base: null, isHost: true };
  }
  const base = await baseOf(context, disk, operation);
  await headerOf(context, guest.id, disk, base);
  const path = diskFile(context.paths, guest.id, disk);
  const backing = await backingOf(context, guest.id, disk, base);
  const opened = async (file: string, access: Access) => give(await openForQemu(file, access), file);
  return {
    ...shared,
    file: await opened(path, readOnly ? 'read' : 'write'),
    base: await openBacking(backing, (one) => opened(one, 'read')),
    isHost: false,
  };
}

/** Every file behind a disk, opened for reading. */
export async function openBacking(
  backing: Backing | null,
  opened: (path: string) => Promise<string>,
): Promise<BaseFile | null> {
  if (backing === null) return null;
  const { path, format } = backing;
  const base = await openBacking(backing.backing, opened);
  return { file: await opened(path), format, ...(base ? { base } : {}) };
}
