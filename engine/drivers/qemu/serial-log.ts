/**
 * What the serial line said, as QEMU writes it to `serial.log` (its chardev's `logfile`), whether or not an engine
 * runs. When it grows too large it becomes `serial.log.1` and starts anew.
 */
import { watch } from 'node:fs';
import { open, stat, truncate } from 'node:fs/promises';
import { GuesthouseError } from '../../contract/errors.ts';
import { readRange as readBytes } from '../../host/read-range.ts';
import type { LogRequest } from '../reach.ts';

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
    return await readBytes(file, from, to);
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

const rotating = new Map<string, Promise<boolean>>();

/**
 * QEMU appends to the file it opened, so its end is copied and it is emptied, not renamed. Answers whether it was. With
 * nobody to do this it may have grown beyond any measure, so no more than what is kept is ever read.
 */
export function rotate(path: string): Promise<boolean> {
  let work = rotating.get(path);
  if (!work) {
    work = rotateOnce(path).finally(() => rotating.delete(path));
    rotating.set(path, work);
  }
  return work;
}

async function rotateOnce(path: string): Promise<boolean> {
  const size = await logSize(path);
  if (size < MAX_LOG_BYTES) return false;
  const older = await open(`${path}.1`, 'w', 0o600);
  try {
    for await (const part of readParts(path, size - MAX_LOG_BYTES, size)) await older.writeFile(part);
  } finally {
    await older.close();
  }
  await truncate(path);
  return true;
}

async function* readParts(path: string, from: number, to: number): AsyncGenerator<Buffer> {
  for (let at = from; at < to; ) {
    const part = await readRange(path, at, Math.min(to, at + READ_BYTES));
    if (part.length === 0) return;
    at += part.length;
    yield part;
  }
}

export interface LogOptions {
  readonly follow: boolean;
  readonly tailLines: number | null;
  readonly signal: AbortSignal;
  /** Asked while following: nothing more comes once this is false. */
  readonly alive: () => boolean;
}

export async function* readLog(path: string, options: LogOptions): AsyncGenerator<Uint8Array> {
  const end = await logSize(path);
  const older = { path: `${path}.1`, end: await logSize(`${path}.1`) };
  const newer = { path, end };
  let missing = options.tailLines ?? Number.POSITIVE_INFINITY;
  let from = { older: 0, newer: 0 };
  if (options.tailLines !== null) {
    const second = await tailStart(newer, missing);
    missing -= second.lines;
    const first = missing > 0 ? await tailStart(older, missing) : { start: older.end };
    from = { older: first.start, newer: second.start };
  }
  for (const [file, start] of [
    [older, from.older],
    [newer, from.newer],
  ] as const) {
    for await (const part of readParts(file.path, start, file.end)) {
      if (options.signal.aborted) return;
      yield part;
    }
  }
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

/**
 * Where the last lines of a file begin, read from its end in pieces; a newline at the very end closes the last one.
 * `lines`: how many there are from there on, at most as many as asked for.
 */
export async function tailStart(
  file: { readonly path: string; readonly end: number },
  wanted: number,
): Promise<{ start: number; lines: number }> {
  if (wanted <= 0) return { start: file.end, lines: 0 };
  let lines = 0;
  for (let to = file.end; to > 0; ) {
    const from = Math.max(0, to - READ_BYTES);
    const bytes = await readRange(file.path, from, to);
    let at = to === file.end ? bytes.length - 1 : bytes.length;
    for (;;) {
      at = at <= 0 ? -1 : bytes.lastIndexOf(10, at - 1);
      if (at < 0) break;
      lines++;
      if (lines === wanted) return { start: from + at + 1, lines };
    }
    to = from;
  }
  return { start: 0, lines: file.end > 0 ? lines + 1 : 0 };
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

/** Throws `unsupported` when lines are asked for by their time, which a serial line does not keep. */
export function requireNoTimes(name: string, request: LogRequest): void {
  if (!request.timestamps && request.sinceMs === undefined && request.untilMs === undefined) return;
  throw new GuesthouseError({
    code: 'unsupported',
    message: `The log of ${name} has no times: a machine's serial line is kept as it comes.`,
    subject: name,
    hint: 'Ask without times, or for the last so many lines.',
  });
}
