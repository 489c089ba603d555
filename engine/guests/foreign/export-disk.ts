/** A machine's disk as one qcow2 file that needs no other. */
import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { OperationContext } from '../../drivers/driver.ts';
import type { Entry } from '../entry.ts';
import type { GuestRooms } from '../rooms.ts';

/** Into the file `draft`, which is there and empty. Answers its size (bytes). */
export async function writeQcow2(
  _rooms: GuestRooms,
  { driver, manifest }: Entry,
  draft: string,
  operation: OperationContext,
): Promise<number> {
  const disk = driver.exportData?.(manifest, operation) ?? [];
  await pipeline(disk, createWriteStream(draft, { flags: 'r+', highWaterMark: 1024 * 1024 }), {
    signal: operation.signal,
  });
  return (await stat(draft)).size;
}
