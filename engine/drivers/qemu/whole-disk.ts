/** A guest's disk as one qcow2 file without another behind it, and back to the difference to an image that it was. */
import { createReadStream } from 'node:fs';
import { copyFile, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { GuesthouseError, toErrorShape } from '../../contract/errors.ts';
import { privateFolder, syncFolder } from '../../host/files.ts';
import { run } from '../../host/process.ts';
import { isSpaceError } from '../../host/space.ts';
import { readDiskHeader } from '../../images/disk-header/index.ts';
import { parseQcow2, QCOW2_HEAD_BYTES } from '../../images/disk-header/qcow2.ts';
import type { MachineImage } from '../../images/store.ts';
import type { OperationContext } from '../driver.ts';
import { requireDisk } from './disks.ts';

const CONVERT_TIMEOUT_MS = 12 * 60 * 60_000;
/** Beside the disk while it is being read or taken in. */
const passing = (disk: string) => `${disk}.passing`;

/** The whole disk of a guest that does not run. */
export async function* wholeDisk(
  disk: string,
  guestName: string,
  operation: OperationContext,
  format: 'qcow2' | 'raw' = 'qcow2',
): AsyncGenerator<Uint8Array> {
  await requireDisk(disk, guestName);
  const whole = passing(disk);
  await rm(whole, { force: true }); // of an earlier one that was killed
  try {
    await convert([disk, whole], 'Making the disk whole', operation, format);
    for await (const piece of createReadStream(whole, { highWaterMark: 1024 * 1024, signal: operation.signal }))
      yield piece as Buffer;
  } finally {
    await rm(whole, { force: true });
  }
}

/** Takes in a disk of unknown origin as the guest's own. `base`: the image's disk, of which it shall be a difference. */
export async function takeDisk(
  source: AsyncIterable<Uint8Array>,
  disk: string,
  base: MachineImage['disk'] | null,
  operation: OperationContext,
): Promise<void> {
  await privateFolder(dirname(disk));
  const taken = passing(disk);
  const ready = `${disk}.ready`;
  try {
    const virtualBytes = await writeChecked(source, taken, operation.signal);
    if (base && virtualBytes < base.virtualBytes) throw unusable('it is smaller than the disk of its image');
    if (base) {
      // Where the guest has zeros they are written as such, so that nothing of the image shows through.
      const behind = ['-B', base.path, '-F', base.format];
      await convert([...behind, taken, ready], 'Laying the disk over that of its image', operation).catch((error) => {
        throw toErrorShape(error).code === 'internal' && !isSpaceError(error)
          ? unusable(String(error.cause ?? error.message))
          : error;
      });
    } else await rename(taken, ready);
    const file = await open(ready, 'r');
    await file.sync();
    await file.close();
    await rename(ready, disk);
    await syncFolder(dirname(disk));
  } finally {
    for (const path of [taken, ready]) await rm(path, { force: true });
  }
}

/** A whole disk of ours, already durable, becomes the guest's own. */
export async function moveDisk(path: string, disk: string): Promise<void> {
  const { format } = await readDiskHeader(path);
  if (format !== 'qcow2') throw unusable(`it is ${format} and not qcow2`);
  await privateFolder(dirname(disk));
  try {
    await rename(path, disk);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    await copyFile(path, disk);
  }
  await syncFolder(dirname(disk));
}

async function convert(
  words: readonly string[],
  step: string,
  { signal, progress }: OperationContext,
  format: 'qcow2' | 'raw' = 'qcow2',
): Promise<void> {
  // `-p` writes `    (12.34/100%)` again and again.
  const onStdoutLine = (line: string) => {
    const percent = /([\d.]+)\/100%/.exec(line);
    if (percent) progress({ step, fraction: Number(percent[1]) / 100 });
  };
  const argv = ['qemu-img', 'convert', '-p', '-f', format, '-O', 'qcow2', ...words];
  await run(argv, { signal, timeoutMs: CONVERT_TIMEOUT_MS, onStdoutLine });
}

/** Answers the size the guest sees. Throws `bad-data` for a disk that reaches outside itself. */
async function writeChecked(source: AsyncIterable<Uint8Array>, path: string, signal: AbortSignal): Promise<number> {
  const file = await open(path, 'wx+', 0o600);
  try {
    for await (const piece of source) {
      signal.throwIfAborted();
      await file.writeFile(piece);
    }
    const { size } = await file.stat();
    const head = Buffer.alloc(Math.min(size, QCOW2_HEAD_BYTES));
    await file.read(head, 0, head.length, 0);
    return parseQcow2(head, size).virtualBytes;
  } finally {
    await file.close();
  }
}

function unusable(cause: string): GuesthouseError {
  return new GuesthouseError({
    code: 'bad-data',
    message: "The guest's disk cannot be used.",
    cause,
    hint: 'The file is damaged, or made to do harm. Export the guest again.',
  });
}
