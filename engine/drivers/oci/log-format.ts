/**
 * conmon's log of a program (`k8s-file`): one line per output line, `<RFC 3339 time> stdout|stderr F|P <text>`, where
 * P marks a part of a line whose rest follows. Pure.
 */
import type { LogPiece } from '../reach.ts';

const NEWLINE = 10;
const SPACE = 32;
const FULL = 70; // F
const LETTER_E = 101; // stdErr, and not stdOut
const UTC = /\+00:?00$/;
const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?([+-]\d\d:?\d\d|Z)$/;

/** One line of the log file, as offsets into the bytes that hold it. */
export interface LogLine {
  readonly timeEnd: number;
  readonly channel: 'stdout' | 'stderr';
  /** The program's line ends here. */
  readonly full: boolean;
  readonly textStart: number;
  /** Behind the log's own newline, which stands for the program's; without one, the end of the bytes. */
  readonly end: number;
}

/** The log line at `start`. null: it is none, or it has no end yet. `end` is told all the same by `lineEnd`. */
export function lineAt(log: Uint8Array, start: number): LogLine | null {
  const end = lineEnd(log, start);
  const timeEnd = log.indexOf(SPACE, start);
  if (timeEnd < 0) return null;
  const tag = log.indexOf(SPACE, timeEnd + 1) + 1;
  if (tag === 0 || tag + 1 >= end || log[tag + 1] !== SPACE) return null;
  return {
    timeEnd,
    channel: log[timeEnd + 4] === LETTER_E ? 'stderr' : 'stdout',
    full: log[tag] === FULL,
    textStart: tag + 2,
    end,
  };
}

export function lineEnd(log: Uint8Array, start: number): number {
  const newline = log.indexOf(NEWLINE, start);
  return newline < 0 ? log.length : newline + 1;
}

function textOf(log: Uint8Array, line: LogLine): Uint8Array {
  const closed = log[line.end - 1] === NEWLINE;
  return log.subarray(line.textStart, closed && !line.full ? line.end - 1 : line.end);
}

/** Milliseconds since the epoch; NaN for what is no time. */
export function timeOf(log: Uint8Array, start: number, line: LogLine): number {
  return Date.parse(timeText(log, start, line));
}

function timeText(log: Uint8Array, start: number, line: LogLine): string {
  return Buffer.from(log.buffer, log.byteOffset + start, line.timeEnd - start).toString('latin1');
}

/** conmon writes local times with nine digits; the same moment in UTC, to the same digit. */
export function inUtc(time: string): string {
  if (UTC.test(time)) return time.replace(UTC, 'Z');
  const [, seconds, fraction = '', offset] = TIME.exec(time) ?? [];
  if (seconds === undefined) return time;
  const moment = new Date(`${seconds}${offset}`);
  return Number.isNaN(moment.getTime()) ? time : `${moment.toISOString().slice(0, 19)}${fraction}Z`;
}

export interface LogFilter {
  readonly timestamps: boolean;
  readonly sinceMs: number | null;
  readonly untilMs: number | null;
}

export interface LogDecoder {
  /** What whole lines of the log file mean, joined by channel. */
  push(log: Uint8Array): LogPiece[];
  /** A line came that is too late: nothing after it is wanted. */
  readonly past: boolean;
}

export function createDecoder(filter: LogFilter): LogDecoder {
  /** Of a line whose first part came: whether it is shown. */
  const open: Record<LogPiece['channel'], boolean | null> = { stdout: null, stderr: null };
  let past = false;
  const wanted = (time: number): boolean => {
    if (filter.untilMs !== null && time > filter.untilMs) past = true;
    return !past && !(filter.sinceMs !== null && time < filter.sinceMs);
  };
  const timed = filter.sinceMs !== null || filter.untilMs !== null;
  return {
    get past() {
      return past;
    },
    push(log) {
      const pieces: LogPiece[] = [];
      let parts: Uint8Array[] = [];
      let channel: LogPiece['channel'] = 'stdout';
      const flush = () => {
        if (parts.length > 0) pieces.push({ bytes: Buffer.concat(parts), channel });
        parts = [];
      };
      for (let at = 0; at < log.length; at = lineEnd(log, at)) {
        const line = lineAt(log, at);
        if (!line) continue;
        const begins = open[line.channel] === null;
        const shown = open[line.channel] ?? (!timed || wanted(timeOf(log, at, line)));
        open[line.channel] = line.full ? null : shown;
        if (!shown) continue;
        if (line.channel !== channel) flush();
        channel = line.channel;
        if (begins && filter.timestamps) parts.push(Buffer.from(`${inUtc(timeText(log, at, line))} `, 'latin1'));
        parts.push(textOf(log, line));
      }
      flush();
      return pieces;
    },
  };
}
