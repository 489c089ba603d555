/** A machine's disk as one qcow2 file that needs no other. */
import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { ROOT_DISK } from '../../contract/disk.ts';
import type { OperationContext } from '../../drivers/driver.ts';
import type { Entry } from '../entry.ts';
import type { GuestRooms } from '../rooms.ts';

/** Into the file `draft`, which is there and empty. `name`: of the disk; left out: the first. Answers its size (bytes). */
export async function writeQcow2(
  _rooms: GuestRooms,
  { driver, manifest }: Entry,
  draft: string,
  operation: OperationContext,
  name = ROOT_DISK,
): Promise<number> {
  const disk = driver.exportData?.(manifest, operation, name) ?? [];
  await pipeline(disk, createWriteStream(draft, { flags: 'r+', highWaterMark: 1024 * 1024 }), {
    signal: operation.signal,
  });
  return (await stat(draft)).size;
}
