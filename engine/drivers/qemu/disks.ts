/** The guest's own disk: a qcow2 file, a difference to the image's disk where there is one. */
import { rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { GuesthouseError } from '../../contract/errors.ts';
import { privateFolder, syncFolder } from '../../host/files.ts';
import { run } from '../../host/process.ts';
import type { MachineImage } from '../../images/store.ts';

const GIB = 1024 ** 3;
/** A machine that starts from an ISO gets an empty disk of this size when none is asked for (GiB). */
export const DEFAULT_DISK_GIB = 20;

export interface DiskRequest {
  readonly path: string;
  readonly guestName: string;
  readonly base: MachineImage['disk'] | null;
  /** null: as large as the image's, or DEFAULT_DISK_GIB without one. */
  readonly diskGib: number | null;
  readonly signal: AbortSignal;
}

/** Bytes the guest shall see. Throws `invalid` when that is less than the image has. */
export function diskBytes(request: Pick<DiskRequest, 'base' | 'diskGib' | 'guestName'>): number {
  const { base, diskGib } = request;
  if (diskGib === null) return base ? base.virtualBytes : DEFAULT_DISK_GIB * GIB;
  const bytes = Math.round((diskGib * GIB) / 512) * 512;
  if (base && bytes < base.virtualBytes) {
    throw new GuesthouseError({
      code: 'invalid',
      message: `A disk of ${diskGib} GiB is smaller than the image's own.`,
      subject: 'diskGib',
      cause: `The image has ${(base.virtualBytes / GIB).toFixed(1)} GiB.`,
      hint: `Ask for ${Math.ceil(base.virtualBytes / GIB)} GiB or more, or leave the size out.`,
    });
  }
  return bytes;
}

/** The size is in the overlay alone; the image's disk is never written. The backing format is named, never probed. */
export function diskArgv(request: Pick<DiskRequest, 'path' | 'base'>, bytes: number): string[] {
  const backing = request.base ? ['-b', request.base.path, '-F', request.base.format] : [];
  return ['qemu-img', 'create', '-q', '-f', 'qcow2', ...backing, request.path, String(bytes)];
}

export async function createDisk(request: DiskRequest): Promise<void> {
  const bytes = diskBytes(request);
  await privateFolder(dirname(request.path));
  await run(diskArgv(request, bytes), { signal: request.signal });
  await syncFolder(dirname(request.path));
}

/** Gives the disk more room; what is in it finds that at its next start. Throws `invalid` when it would lose some. */
export async function growDisk(request: DiskRequest): Promise<void> {
  const argv = ['qemu-img', 'resize', '-q', '-f', 'qcow2', request.path, String(diskBytes(request))];
  await run(argv, { signal: request.signal });
}

export async function removeDisk(path: string): Promise<void> {
  await rm(path, { force: true });
}

/** Throws `bad-data` when the file is missing: QEMU's own message would not say what to do. */
export async function requireDisk(path: string, guestName: string): Promise<void> {
  if ((await stat(path).catch(() => null))?.isFile()) return;
  throw new GuesthouseError({
    code: 'bad-data',
    message: `The disk of ${guestName} is missing.`,
    subject: path,
    hint: 'Remove the guest and create it again.',
  });
}
