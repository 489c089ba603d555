/** Where the last lines of a log begin: its files are read from their ends, as far as needed. */
import type { FileHandle } from 'node:fs/promises';
import { type LogFilter, lineAt, timeOf } from './log-format.ts';

const NEWLINE = 10;
const READ_BYTES = 256 * 1024;

export interface LogStart {
  /** Index into the files, oldest first. */
  readonly index: number;
  readonly offset: number;
}

/** `lines`: how many lines of the program, counted among those the filter lets through. */
export async function tailStart(
  files: readonly { readonly file: FileHandle }[],
  lines: number,
  filter: LogFilter,
): Promise<LogStart> {
  let missing = lines;
  let newest = true;
  for (let index = files.length - 1; index >= 0; index--) {
    const { file } = files[index] as { file: FileHandle };
    for await (const { bytes, offset } of linesFromEnd(file)) {
      const line = lineAt(bytes, 0);
      if (!line) continue;
      const time = filter.sinceMs === null && filter.untilMs === null ? 0 : timeOf(bytes, 0, line);
      if (filter.untilMs !== null && time > filter.untilMs) continue;
      // A part at the very end is a line as well, though it has no end yet.
      if (line.full || newest) {
        if (missing === 0 || (filter.sinceMs !== null && time < filter.sinceMs)) {
          return { index, offset: offset + bytes.length };
        }
        missing--;
      }
      newest = false;
    }
  }
  return { index: 0, offset: 0 };
}

/** Whole lines of the file, last first. */
async function* linesFromEnd(file: FileHandle): AsyncGenerator<{ bytes: Buffer; offset: number }> {
  const { size } = await file.stat();
  let rest: Buffer = Buffer.alloc(0);
  let whole = false;
  for (let from = size; from > 0; ) {
    const length = Math.min(READ_BYTES, from);
    from -= length;
    const piece = Buffer.alloc(length);
    const { bytesRead } = await file.read(piece, 0, length, from);
    let bytes: Buffer = Buffer.concat([piece.subarray(0, bytesRead), rest]);
    if (!whole) {
      // What follows the last newline is still being written.
      bytes = bytes.subarray(0, bytes.lastIndexOf(NEWLINE) + 1);
      if (bytes.length === 0) continue;
      whole = true;
    }
    let end = bytes.length;
    for (;;) {
      const start = end < 2 ? 0 : bytes.lastIndexOf(NEWLINE, end - 2) + 1;
      if (start === 0) break;
      yield { bytes: bytes.subarray(start, end), offset: from + start };
      end = start;
    }
    rest = bytes.subarray(0, end);
  }
  if (whole && rest.length > 0) yield { bytes: rest, offset: 0 };
}
