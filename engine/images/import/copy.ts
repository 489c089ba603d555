/** Takes a large file into the store: its digest, its holes and how far it is. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, type FileHandle, open } from 'node:fs/promises';
import type { OperationContext } from '../../drivers/driver.ts';

const CHUNK_BYTES = 1024 * 1024;
/** Runs of zeros of this size become holes (bytes). */
const HOLE_BYTES = 64 * 1024;
const ZEROS = Buffer.alloc(HOLE_BYTES);

/**
 * Copies by sharing blocks where the file system can (btrfs, XFS), else by writing what is not zero. Answers the sha256
 * of the content. The copy is durable when this resolves.
 */
export async function copyInto(
  source: string,
  target: string,
  step: string,
  { signal, progress }: Pick<OperationContext, 'signal' | 'progress'>,
): Promise<string> {
  const shared = await copyFile(source, target, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL).then(
    () => true,
    () => false,
  );
  const from = await open(shared ? target : source, 'r');
  const to = shared ? null : await open(target, 'w', 0o600);
  try {
    return await pass(from, to, step, { signal, progress });
  } finally {
    await from.close();
    await to?.close();
  }
}

/** The same for a file that is ours already: its sha256, and it is durable. */
export async function digestOf(
  path: string,
  step: string,
  operation: Pick<OperationContext, 'signal' | 'progress'>,
): Promise<string> {
  const file = await open(path, 'r');
  try {
    return await pass(file, null, step, operation);
  } finally {
    await file.close();
  }
}

async function pass(
  from: FileHandle,
  to: FileHandle | null,
  step: string,
  { signal, progress }: Pick<OperationContext, 'signal' | 'progress'>,
): Promise<string> {
  const { size } = await from.stat();
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  let done = 0;
  let told = 0;
  for (;;) {
    signal.throwIfAborted();
    const { bytesRead } = await from.read(buffer, 0, CHUNK_BYTES, done);
    if (bytesRead === 0) break;
    const chunk = buffer.subarray(0, bytesRead);
    hash.update(chunk);
    if (to) await writeSparse(to, chunk, done);
    done += bytesRead;
    if (performance.now() - told > 100) {
      told = performance.now();
      progress({ step, fraction: size > 0 ? done / size : null, bytesDone: done, bytesTotal: size });
    }
  }
  await to?.truncate(done);
  await (to ?? from).sync();
  return hash.digest('hex');
}

/** Writes a chunk at a position of a file that is empty there: long runs of zeros stay holes. Answers the bytes written. */
export async function writeSparse(
  file: {
    write(bytes: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesWritten: number }>;
  },
  chunk: Buffer,
  position: number,
): Promise<number> {
  let start = -1;
  let written = 0;
  const flush = async (end: number) => {
    if (start !== -1) written += end - start;
    while (start !== -1 && start < end)
      start += (await file.write(chunk, start, end - start, position + start)).bytesWritten;
    start = -1;
  };
  for (let at = 0; at < chunk.length; at += HOLE_BYTES) {
    const block = chunk.subarray(at, at + HOLE_BYTES);
    if (block.equals(ZEROS.subarray(0, block.length))) await flush(at);
    else if (start === -1) start = at;
  }
  await flush(chunk.length);
  return written;
}
