/**
 * What the serial line said, as QEMU writes it to `serial.log` (its chardev's `logfile`), whether or not an engine
 * runs. When it grows too large it becomes `serial.log.1` and starts anew.
 */
import { watch } from 'node:fs';
import { copyFile, open, stat, truncate } from 'node:fs/promises';

/** At most about twice this is kept of a run (bytes). */
const MAX_LOG_BYTES = 8 * 1024 * 1024;
const READ_BYTES = 256 * 1024;
/** While following, looked at again after this long even if no change was reported (ms). */
const LOOK_AGAIN_MS = 2_000;

export async function logSize(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.size ?? 0;
}

/** Bytes from `from` up to `to` (both offsets in the file as it is now). */
export async function readRange(path: string, from: number, to: number): Promise<Buffer> {
  const file = await open(path, 'r').catch(() => null);
  if (!file || to <= from) {
    await file?.close();
    return Buffer.alloc(0);
  }
  try {
    const bytes = Buffer.alloc(to - from);
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, from + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  } finally {
    await file.close();
  }
}

/** The last bytes of the run, also of its older part. `end`: where in the newer file they end. */
export async function readTail(path: string, maxBytes: number): Promise<{ bytes: Buffer; end: number }> {
  const end = await logSize(path);
  const newer = await readRange(path, Math.max(0, end - maxBytes), end);
  const missing = maxBytes - newer.length;
  if (missing <= 0) return { bytes: newer, end };
  const olderSize = await logSize(`${path}.1`);
  const older = await readRange(`${path}.1`, Math.max(0, olderSize - missing), olderSize);
  return { bytes: Buffer.concat([older, newer]), end };
}

/** QEMU appends to the file it opened, so it is copied and emptied, not renamed. Answers whether it was. */
export async function rotate(path: string): Promise<boolean> {
  if ((await logSize(path)) < MAX_LOG_BYTES) return false;
  await copyFile(path, `${path}.1`);
  await truncate(path);
  return true;
}

export interface LogOptions {
  readonly follow: boolean;
  readonly tailLines: number | null;
  readonly signal: AbortSignal;
  /** Asked while following: nothing more comes once this is false. */
  readonly alive: () => boolean;
}

export async function* readLog(path: string, options: LogOptions): AsyncGenerator<Uint8Array> {
  const { bytes, end } = await readTail(path, Number.MAX_SAFE_INTEGER);
  const wanted = options.tailLines === null ? bytes : lastLines(bytes, options.tailLines);
  for (let at = 0; at < wanted.length; at += READ_BYTES) yield wanted.subarray(at, at + READ_BYTES);
  if (!options.follow) return;
  let offset = end;
  while (!options.signal.aborted) {
    const alive = options.alive();
    const size = await logSize(path);
    if (size < offset) offset = 0;
    while (offset < size && !options.signal.aborted) {
      const part = await readRange(path, offset, Math.min(size, offset + READ_BYTES));
      if (part.length === 0) break;
      offset += part.length;
      yield part;
    }
    if (!alive) return;
    if (size === (await logSize(path))) await change(path, options.signal);
  }
}

/** The last lines; a newline at the very end closes the last one. */
export function lastLines(bytes: Buffer, lines: number): Buffer {
  if (lines <= 0) return bytes.subarray(bytes.length);
  let at = bytes.at(-1) === 10 ? bytes.length - 1 : bytes.length;
  for (let count = 0; count < lines; count++) {
    const newline = at === 0 ? -1 : bytes.lastIndexOf(10, at - 1);
    if (newline < 0) return bytes;
    at = newline;
  }
  return bytes.subarray(at + 1);
}

function change(path: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      watcher?.close();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, LOOK_AGAIN_MS);
    signal.addEventListener('abort', done, { once: true });
    let watcher: ReturnType<typeof watch> | null = null;
    try {
      watcher = watch(path, { persistent: false }, done);
      watcher.on('error', done);
    } catch {
      // The timer looks again.
    }
  });
}
