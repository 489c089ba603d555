/** A console endpoint over conmon: live bytes through its attach socket, scrollback from its log. */
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConsoleEndpoint } from '../driver.ts';
import type { LogPiece } from '../reach.ts';
import { type AttachHandlers, type Attachment, attach } from './attach.ts';
import { type LiveAfterLog, liveAfterLog, ON_ITS_WAY } from './live-after-log.ts';
import { type LogPosition, readLog } from './log.ts';
import type { Poller } from './poller.ts';

/** conmon accepts a new connection within its next turn; what it logs before that does not come by the socket (ms). */
const ACCEPT_WAIT_MS = 10;
/** On a busy machine its next turn is later, so the log is looked at once more when something comes, or after this (ms). */
const ACCEPTED_MS = 250;
/** Output that is in the log and comes by the socket as well comes within this (ms). */
const DOUBLED_MS = 300;
const NOTHING = Buffer.alloc(0);
/** conmon refuses larger terminals. */
const MAX_SIDE = 1000;
const RESIZE_EVENT = 1;
/** A log line's time, channel and mark take about this many times a short line's own bytes. */
const LOG_OVERHEAD = 3;

type Channel = 'stdout' | 'stderr';
type Sides = Readonly<Record<Channel, LiveAfterLog>>;
const CHANNELS = ['stdout', 'stderr'] as const;

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
  /** The end of what was shown from the log since it was joined. */
  const told: Record<Channel, Buffer> = { stdout: NOTHING, stderr: NOTHING };

  /** Shows what the log has since it was looked at last; with it begins what is live. */
  async function showLog(live: Attachment | null, onData: (bytes: Uint8Array, channel: Channel) => void) {
    const waiting = live?.waiting() ?? { stdout: 0, stderr: 0 };
    const { pieces, position } = await readLog(source.logPath, seen ?? source.logStart);
    seen = position;
    if (!detached) for (const { bytes, channel } of pieces) onData(bytes, channel);
    for (const of of CHANNELS) {
      const fresh = pieces.filter(({ channel }) => channel === of).map(({ bytes }) => bytes);
      told[of] = Buffer.concat([told[of], ...fresh]).subarray(-ON_ITS_WAY);
    }
    const side = (of: Channel) => liveAfterLog(told[of], waiting[of]);
    const sides: Sides = { stdout: side('stdout'), stderr: side('stderr') };
    return { sides, arrived: waiting.stdout + waiting.stderr > 0 };
  }

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
      const joined = attachment !== null;
      if (!attachment) {
        attachment = await attach(join(source.folder, 'attach'), poller).catch(() => null);
        if (attachment) await sleep(ACCEPT_WAIT_MS);
      }
      if (attachment && paused) attachment.pause();
      const live = attachment;
      if (live && joined) return live.start({ onData, onEnd: end });
      const known = await showLog(live, onData);
      if (detached) return live?.close();
      if (!live) return end();
      const follow = (sides: Sides) =>
        followLive(live, sides, (bytes, channel) => detached || onData(bytes, channel), end);
      if (known.arrived) return follow(known.sides);
      const lookAgain = async () => {
        const came = live.arrival().then(() => true);
        const silence = live.heard().then(() => sleep(ACCEPTED_MS, false, { ref: false }));
        const isSilent = !(await Promise.race([came, silence]));
        if (detached) return null;
        // Silent for so long, it has nothing on its way any more.
        if (isSilent) Object.assign(told, { stdout: NOTHING, stderr: NOTHING });
        return showLog(live, onData);
      };
      void lookAgain()
        .catch(() => known)
        .then((found) => found && !detached && follow(found.sides));
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

/** What comes live after the log, without what of it the log had. */
function followLive(live: Attachment, sides: Sides, onData: AttachHandlers['onData'], end: () => void): void {
  const tell = (channel: Channel, bytes: Uint8Array) => bytes.length > 0 && onData(bytes, channel);
  const settle = () => {
    for (const channel of CHANNELS) tell(channel, sides[channel].settle());
  };
  // What was logged as we attached comes at once, or not at all; on a busy machine what came may still wait to be heard.
  let came = false;
  let timer: NodeJS.Timeout;
  const wait = () => {
    timer = setTimeout(() => setImmediate(() => (came ? wait() : settle())), DOUBLED_MS).unref();
    came = false;
  };
  wait();
  live.start({
    onData(bytes, channel) {
      came = true;
      tell(channel, sides[channel].add(bytes));
    },
    onEnd() {
      clearTimeout(timer);
      settle();
      end();
    },
  });
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
