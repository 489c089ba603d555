/** Reads a program's log: all of it, its end, a part of it by time, and what comes, over the change from file to file. */
import { watch } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { readRange } from '../../host/read-range.ts';
import type { LogPiece, LogRequest } from '../reach.ts';
import { closeLog, holdLog, inodeOf, type LogFile, openLog } from './log-files.ts';
import { createDecoder, type LogFilter } from './log-format.ts';
import { tailStart } from './log-tail.ts';

const NEWLINE = 10;
const READ_BYTES = 256 * 1024;
/** While following: looked at again after this long even if no change was reported (ms). */
const LOOK_AGAIN_MS = 2_000;

export interface LogPosition {
  /** Bytes of the log file that were read (up to the end of a whole line). */
  readonly offset: number;
  /** 0: of whatever file is the oldest. */
  readonly inode: number;
}

export interface LogPart {
  readonly pieces: readonly LogPiece[];
  readonly position: LogPosition;
}

const ALL: LogFilter = { timestamps: false, sinceMs: null, untilMs: null };

/** Output written since `from`, decoded. `maxBytes`: only the last so many of the log's own bytes. */
export async function readLog(path: string, from: LogPosition | null, maxBytes?: number): Promise<LogPart> {
  const files = await openLog(path);
  try {
    const known = from ? files.findIndex(({ inode }) => inode === from.inode) : -1;
    const parts: LogPiece[][] = [];
    let missing = maxBytes ?? Number.POSITIVE_INFINITY;
    let position: LogPosition = { offset: 0, inode: 0 };
    for (let index = files.length - 1; index >= Math.max(0, known) && missing > 0; index--) {
      const { file, inode } = files[index] as LogFile;
      const { size } = await file.stat();
      // A file of the same number that is shorter than what was read of it is another one.
      const given = from && (index === known || from.inode === 0) && from.offset <= size ? from.offset : 0;
      const begin = index === known || (known < 0 && index === 0) ? given : 0;
      const start = Math.max(begin, size - missing);
      const read = await readRange(file, start, size);
      const whole = read.lastIndexOf(NEWLINE) + 1;
      const first = start > begin ? read.indexOf(NEWLINE) + 1 : 0;
      parts.unshift(createDecoder(ALL).push(read.subarray(first, whole)));
      if (index === files.length - 1) position = { offset: start + whole, inode };
      missing -= size - start;
    }
    return { pieces: parts.flat(), position };
  } finally {
    await closeLog(files);
  }
}

export interface FollowOptions extends LogRequest {
  /** Resolves when nothing more will be written; null: it is so already. */
  readonly ended: Promise<unknown> | null;
}

export async function* followLog(path: string, options: FollowOptions): AsyncGenerator<LogPiece> {
  const filter: LogFilter = {
    timestamps: options.timestamps ?? false,
    sinceMs: options.sinceMs ?? null,
    untilMs: options.untilMs ?? null,
  };
  const decoder = createDecoder(filter);
  const news = listen(path, options);
  let files = await openLog(path);
  try {
    const start =
      options.tailLines === null ? { index: 0, offset: 0 } : await tailStart(files, options.tailLines, filter);
    files = await without(files, start.index);
    let offset = start.offset;
    while (!options.signal.aborted && !decoder.past) {
      const last = news.over();
      const [current] = files;
      if (current) {
        for await (const bytes of wholeLines(current.file, offset)) {
          offset += bytes.length;
          yield* decoder.push(bytes);
          if (options.signal.aborted || decoder.past) return;
        }
      }
      if (files.length > 1) {
        files = await without(files, 1);
        offset = 0;
        continue;
      }
      const newest = await inodeOf(path);
      if (newest !== null && newest !== current?.inode) {
        // Another file has begun. Nothing is written to this one any more, but something may have been until then.
        if (current) await holdLog(path);
        files = await successors(path, files);
        if (files.length > 0) continue;
      }
      if (last || tooLate(filter)) return;
      await news.next();
    }
  } finally {
    news.close();
    await closeLog(files);
  }
}

function tooLate({ untilMs }: LogFilter): boolean {
  return untilMs !== null && Date.now() > untilMs;
}

/** Drops the first files. */
async function without(files: readonly LogFile[], count: number): Promise<LogFile[]> {
  await closeLog(files.slice(0, count));
  return files.slice(count);
}

/** The file being read and those that came after it. One that has lost all its names is followed by the oldest known. */
async function successors(path: string, [current]: readonly LogFile[]): Promise<LogFile[]> {
  const all = await openLog(path);
  if (!current) return all;
  const at = all.findIndex(({ inode }) => inode === current.inode);
  await closeLog(all.slice(0, at + 1));
  return [current, ...all.slice(at + 1)];
}

/** What is there from `offset` on, in pieces of whole lines. */
async function* wholeLines(file: FileHandle, offset: number): AsyncGenerator<Buffer> {
  let length = READ_BYTES;
  for (let at = offset; ; ) {
    const bytes = await readRange(file, at, at + length);
    const whole = bytes.lastIndexOf(NEWLINE) + 1;
    if (whole === 0 && bytes.length < length) return;
    // A line longer than what is read at once (a program chooses how long).
    if (whole === 0) length *= 2;
    else yield bytes.subarray(0, whole);
    at += whole;
  }
}

/** Wakes the reader when something was written, when nothing will be any more, and now and then. */
function listen(path: string, { follow, ended, signal }: FollowOptions) {
  let wake: () => void = () => {};
  let changed = false;
  let over = ended === null || !follow;
  const touch = () => {
    changed = true;
    wake();
  };
  const end = () => {
    over = true;
    touch();
  };
  ended?.then(end, end);
  const watcher = over ? null : watch(dirname(path), (_, name) => name === basename(path) && touch());
  watcher?.on('error', () => {});
  signal.addEventListener('abort', touch);
  return {
    over: () => over,
    async next(): Promise<void> {
      if (!changed && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, LOOK_AGAIN_MS);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        wake = () => {};
      }
      changed = false;
    },
    close() {
      watcher?.close();
      signal.removeEventListener('abort', touch);
    },
  };
}
