/**
 * conmon's log of a program (`k8s-file`): one line per output line, `<RFC 3339 time> stdout|stderr F|P <text>`, where
 * P marks a part of a line whose rest follows. Decoded here to the bytes the program wrote.
 */
import { watch } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

const NEWLINE = 10;
const SPACE = 32;
const FULL = 70; // F
const READ_BYTES = 256 * 1024;
/** While following: looked at again after this long even if no change was reported (ms). */
const LOOK_AGAIN_MS = 2_000;

/** Bytes the program wrote in these whole lines of a log; lines that are none are left out. */
export function decodeLog(log: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < log.length; ) {
    const newline = log.indexOf(NEWLINE, at);
    const end = newline < 0 ? log.length : newline;
    const afterTime = log.indexOf(SPACE, at) + 1;
    const tag = afterTime > at ? log.indexOf(SPACE, afterTime) + 1 : 0;
    if (tag > 0 && tag + 1 < end + 1 && log[tag + 1] === SPACE) {
      const isFull = log[tag] === FULL;
      // The log's own newline stands for the program's.
      parts.push(log.subarray(tag + 2, isFull && newline >= 0 ? end + 1 : end));
    }
    at = end + 1;
  }
  return Buffer.concat(parts);
}

/** The last `lines` lines of decoded output. */
export function lastLines(bytes: Uint8Array, lines: number): Uint8Array {
  if (lines <= 0) return bytes.subarray(bytes.length);
  let at = bytes.length;
  // A newline at the very end closes the last line, it does not open another.
  if (bytes[at - 1] === NEWLINE) at--;
  for (let count = 0; count < lines; count++) {
    at = bytes.lastIndexOf(NEWLINE, at - 1);
    if (at <= 0) return at === 0 && count === lines - 1 ? bytes.subarray(1) : bytes;
  }
  return bytes.subarray(at + 1);
}

export interface LogPosition {
  /** Bytes of the log file that were read (up to the end of a whole line). */
  readonly offset: number;
  readonly inode: number;
}

export interface LogPart {
  readonly bytes: Uint8Array;
  readonly position: LogPosition;
}

/**
 * Output written since `from` (null: since the beginning), decoded; when the log was replaced by a fresh one meanwhile
 * (conmon does at its size limit), since the fresh one's beginning. `maxBytes`: only the last so many of the file.
 */
export async function readLog(path: string, from: LogPosition | null, maxBytes?: number): Promise<LogPart> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch {
    return { bytes: new Uint8Array(0), position: { offset: 0, inode: 0 } };
  }
  try {
    const { size, ino } = await file.stat();
    const begin = from && from.offset <= size && (from.inode === ino || from.inode === 0) ? from.offset : 0;
    const start = maxBytes === undefined ? begin : Math.max(begin, size - maxBytes);
    const bytes = Buffer.alloc(size - start);
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await file.read(bytes, filled, Math.min(READ_BYTES, bytes.length - filled), start + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    const read = bytes.subarray(0, filled);
    const whole = read.lastIndexOf(NEWLINE) + 1;
    const first = start > begin ? read.indexOf(NEWLINE) + 1 : 0;
    return { bytes: decodeLog(read.subarray(first, whole)), position: { offset: start + whole, inode: ino } };
  } finally {
    await file.close();
  }
}

export interface FollowOptions {
  readonly follow: boolean;
  readonly tailLines: number | null;
  readonly signal: AbortSignal;
  /** Resolves when nothing more will be written; null: it is so already. */
  readonly ended: Promise<unknown> | null;
}

export async function* followLog(path: string, options: FollowOptions): AsyncGenerator<Uint8Array> {
  const { signal } = options;
  let wake: () => void = () => {};
  let changed = false;
  let over = options.ended === null || !options.follow;
  const touch = () => {
    changed = true;
    wake();
  };
  options.ended?.then(() => {
    over = true;
    touch();
  }, touch);
  const watcher = over ? null : watch(dirname(path), (_, name) => name === basename(path) && touch());
  watcher?.on('error', () => {});
  signal.addEventListener('abort', touch);
  try {
    const first = await readLog(path, null);
    let { position } = first;
    const bytes = options.tailLines === null ? first.bytes : lastLines(first.bytes, options.tailLines);
    if (bytes.length > 0) yield bytes;
    while (!signal.aborted) {
      const last = over;
      const part = await readLog(path, position);
      position = part.position;
      if (part.bytes.length > 0) yield part.bytes;
      else if (last) return;
      else if (!changed)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, LOOK_AGAIN_MS);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      changed = false;
    }
  } finally {
    watcher?.close();
    signal.removeEventListener('abort', touch);
  }
}
