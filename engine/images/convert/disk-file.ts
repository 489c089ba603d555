/** A disk in a file, wherever it lies, as a new file of ours. */
import { open, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import type { OperationContext } from '../../drivers/driver.ts';
import type { DiskFormat } from '../disk-header/index.ts';
import { unpackInto } from '../import/unpack.ts';
import type { Inside } from '../inside.ts';
import { convertDisk } from './convert.ts';
import { withDisk } from './open.ts';
import type { SourceDisk } from './source.ts';

export interface DiskFile {
  /** For people. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** A piece of the file; left out: all of it. */
  readonly piece?: { readonly offset: number; readonly sizeBytes: number };
  /** null: by its content. */
  readonly format: DiskFormat | null;
  readonly gzip?: boolean;
}

/** What a disk becomes. `vmdk`: written as a stream, as OVA files have them. */
export type Converted = 'qcow2' | 'vmdk';

/** Answers the size a guest sees (bytes). Throws what `sourceDisk` and `convertDisk` throw. */
export async function convertFile(
  disk: DiskFile,
  target: string,
  to: Converted,
  inside: Inside,
  operation: OperationContext,
): Promise<{ readonly virtualBytes: number }> {
  const convert = async (source: SourceDisk) => {
    await convertDisk({ source, target, to, step: `Converting ${basename(disk.name)}` }, inside, operation);
    return { virtualBytes: source.virtualBytes };
  };
  if (!disk.gzip) return withDisk(disk.path, disk.format, convert, disk.piece);
  const plain = `${target}.unpacked`;
  try {
    const sizeBytes = disk.piece?.sizeBytes ?? (await sizeOf(disk.path));
    const from = { path: disk.path, start: disk.piece?.offset ?? 0, sizeBytes };
    await unpackInto(from, 'gzip', plain, disk.name, { operation, inside });
    return await withDisk(plain, disk.format, convert);
  } finally {
    await rm(plain, { force: true });
  }
}

async function sizeOf(path: string): Promise<number> {
  const file = await open(path, 'r');
  try {
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}
