/** A console endpoint over conmon: live bytes through its attach socket, scrollback from its log. */
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConsoleEndpoint } from '../driver.ts';
import type { LogPiece } from '../reach.ts';
import { type Attachment, attach } from './attach.ts';
import { type LogPosition, readLog } from './log.ts';
import type { Poller } from './poller.ts';

/** conmon accepts a new connection within its next turn; what it logs before that does not come by the socket (ms). */
const ACCEPT_WAIT_MS = 10;
/** Output that is in the log and comes by the socket as well comes within this (ms). */
const DOUBLED_MS = 1000;
const NOTHING = Buffer.alloc(0);
/** conmon refuses larger terminals. */
const MAX_SIDE = 1000;
const RESIZE_EVENT = 1;
/** A log line's time, channel and mark take about this many times a short line's own bytes. */
const LOG_OVERHEAD = 3;

export interface EndpointSource {
  readonly id: string;
  readonly guestId: string;
  readonly kind: 'main' | 'exec';
  readonly title: string;
  readonly tty: boolean;
  readonly startedAt: number;
  /** Folder with conmon's `attach` and `ctl`. */
  readonly folder: string;
  readonly logPath: string;
  /** Where this program's output begins in the log. */
  readonly logStart: LogPosition;
  /** Resolves with the exit code once the program and its conmon are gone. */
  readonly ended: Promise<number | null>;
  /** Already attached, since before the program started; so no history is needed. */
  readonly attached: Attachment | null;
  /** Said on standard error in place of a program that could not be started. */
  readonly failure: string | null;
}

export function createEndpoint(source: EndpointSource, poller: Poller): ConsoleEndpoint {
  let attachment: Attachment | null = source.attached;
  let seen: LogPosition | null = null;
  let detached = false;
  let paused = false;

  return {
    id: source.id,
    guestId: source.guestId,
    kind: source.kind,
    title: source.title,
    tty: source.tty,
    startedAt: source.startedAt,
    awaited: source.kind === 'main' && source.attached !== null,
    async history(maxBytes) {
      if (attachment || source.failure !== null) return [];
      const part = await readLog(source.logPath, source.logStart, maxBytes * LOG_OVERHEAD);
      seen = part.position;
      return lastBytes(part.pieces, maxBytes);
    },
    async start({ onData, onEnd }) {
      const end = () => {
        source.ended.then(
          (code) => {
            if (!detached) onEnd(code);
          },
          () => {
            if (!detached) onEnd(null);
          },
        );
      };
      if (source.failure !== null) {
        onData(Buffer.from(`${source.failure}${source.tty ? '\r\n' : '\n'}`), 'stderr');
        return end();
      }
      const missed = { stdout: NOTHING, stderr: NOTHING };
      if (!attachment) {
        attachment = await attach(join(source.folder, 'attach'), poller).catch(() => null);
        if (attachment) await sleep(ACCEPT_WAIT_MS);
        const { pieces } = await readLog(source.logPath, seen ?? source.logStart);
        if (detached) return attachment?.close();
        for (const { bytes, channel } of pieces) {
          missed[channel] = Buffer.concat([missed[channel], bytes]);
          onData(bytes, channel);
        }
      }
      if (!attachment) return end();
      if (paused) attachment.pause();
      // What was logged as we attached comes at once, or not at all.
      setTimeout(() => Object.assign(missed, { stdout: NOTHING, stderr: NOTHING }), DOUBLED_MS).unref();
      attachment.start({
        onData(bytes, channel) {
          const fresh = bytes.subarray(overlap(missed[channel], bytes));
          missed[channel] = NOTHING;
          if (fresh.length > 0) onData(fresh, channel);
        },
        onEnd: end,
      });
    },
    write: (bytes) => attachment?.write(bytes) ?? true,
    drained: () => attachment?.drained() ?? Promise.resolve(),
    endInput: () => attachment?.endInput(),
    resize(columns, rows) {
      if (source.tty) resizeTerminal(source.folder, columns, rows);
    },
    pause() {
      paused = true;
      attachment?.pause();
    },
    resume() {
      paused = false;
      attachment?.resume();
    },
    detach() {
      detached = true;
      attachment?.close();
    },
  };
}

/** Joins a program that has not begun yet. null: it cannot be reached, so its log will have to do. */
export async function attachEarly(folder: string, poller: Poller): Promise<Attachment | null> {
  const attachment = await attach(join(folder, 'attach'), poller).catch(() => null);
  if (attachment) await sleep(ACCEPT_WAIT_MS);
  return attachment;
}

/** The last `maxBytes` of all pieces together. */
export function lastBytes(pieces: readonly LogPiece[], maxBytes: number): LogPiece[] {
  let spare = pieces.reduce((sum, { bytes }) => sum + bytes.length, 0) - maxBytes;
  return pieces.flatMap(({ bytes, channel }) => {
    const kept = spare > 0 ? bytes.subarray(spare) : bytes;
    spare -= bytes.length;
    return kept.length > 0 ? [{ bytes: kept, channel }] : [];
  });
}

/** How many bytes at the end of `before` are the same as at the beginning of `after`: seen in the log and live. */
export function overlap(before: Uint8Array, after: Uint8Array): number {
  for (let length = Math.min(before.length, after.length); length > 0; length--) {
    const tail = before.subarray(before.length - length);
    if (Buffer.compare(tail, after.subarray(0, length)) === 0) return length;
  }
  return 0;
}

function resizeTerminal(folder: string, columns: number, rows: number): void {
  const side = (wish: number) => Math.max(1, Math.min(MAX_SIDE, Math.trunc(wish) || 1));
  try {
    // Non-blocking: a conmon that is gone must not hold us.
    const fd = openSync(join(folder, 'ctl'), constants.O_WRONLY | constants.O_NONBLOCK);
    try {
      writeSync(fd, `${RESIZE_EVENT} ${side(rows)} ${side(columns)}\n`);
    } finally {
      closeSync(fd);
    }
  } catch {
    // it has ended; its end is reported elsewhere
  }
}
