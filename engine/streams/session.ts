/**
 * A console's life in the engine: it owns the endpoint of one program, keeps what was written in a ring and lets any
 * number of watchers read that ring, each at its own offset: first the replay, then what comes, with neither gap nor
 * repetition. Tabs come and go, the session stays.
 *
 * Who slows whom: while somebody reads, the program runs at most `HOLD_BYTES` ahead of the slowest reader. A reader
 * that gave no credit for `STALL_MS` no longer counts; should the ring overtake it, it gets a `replay` mark and the
 * ring again once it returns. With no reader that counts the endpoint is always drained, because a program (and
 * conmon, which writes to us blocking) must not stop for want of a window.
 */
import type { ConsoleSession } from '../contract/guest.ts';
import { MAX_CHUNK } from '../contract/wire.ts';
import type { ConsoleEndpoint } from '../drivers/driver.ts';
import { createChannels } from './channels.ts';
import { createInput } from './input.ts';
import { createRing, RING_BYTES } from './ring.ts';
import { pump, type Reader, type Watch, type Watcher } from './watch.ts';

/**
 * How far a program may run ahead of a reader without credit before it is paused (bytes), and how far the reader must
 * catch up. Together with the credit in flight this is what Ctrl-C has to overtake: larger makes a flood outlive the
 * key, smaller pauses and resumes at every chunk.
 */
export const HOLD_BYTES = 64 * 1024;
const RELEASE_BYTES = 32 * 1024;

/** The same limit in changes between stdout and stderr: each is a message of its own. */
const HOLD_CHANGES = 4096;

/** After this long without credit a reader is asleep, not slow (ms). */
export const STALL_MS = 2000;

/** What a session met again may take to tell its scrollback (ms); later it starts without. */
const HISTORY_TIMEOUT_MS = 3000;

export interface SessionOptions {
  /** Called when the title, the end or the exit code changed. */
  readonly onChange?: (session: ConsoleSession) => void;
  readonly ringBytes?: number;
  readonly stallMs?: number;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

export interface WatchOptions {
  readonly tailBytes?: number | undefined;
  readonly hold?: boolean | undefined;
}

export interface Session {
  readonly info: ConsoleSession;
  /** Number of watchers now. */
  readonly watchers: number;
  /** `tailBytes`: replay at most so much. */
  /** `hold`: the program waits for this watcher, however slow it is. */
  watch(watcher: Watcher, options?: WatchOptions): Watch;
  /** Resolves when nobody is waited for who shall have every byte; null: nobody is. */
  readonly unread: Promise<void> | null;
  /** A copy of the scrollback. */
  snapshot(tailBytes: number): Uint8Array;
  /** Lets go of the endpoint and ends all watchers; the program goes on. */
  close(): void;
}

/** Reads the endpoint's history and starts it. Rejects when the endpoint cannot be started. */
export async function openSession(endpoint: ConsoleEndpoint, options: SessionOptions = {}): Promise<Session> {
  const now = options.now ?? (() => performance.now());
  const stallMs = options.stallMs ?? STALL_MS;
  const ring = createRing(options.ringBytes ?? RING_BYTES);
  // What a replay leaves free of the ring, so that bytes already on their way do not overtake it at once.
  const replayMax = Math.max(1, ring.capacityBytes - 2 * HOLD_BYTES, Math.floor(ring.capacityBytes / 2));
  const channels = createChannels();
  const input = createInput(endpoint);
  const readers = new Set<Reader>();
  let paused = false;
  let stallTimer: NodeJS.Timeout | null = null;
  let batching = false;
  let active: Reader | null = null;
  let ended = false;
  let exitCode: number | null = null;
  /** The first reader is still to come, and shall have everything from the beginning. */
  let awaiting = endpoint.awaited ?? false;
  let read: PromiseWithResolvers<void> | null = null;

  const isUnread = () => awaiting || [...readers].some(({ patient }) => patient);
  const tellRead = () => {
    if (isUnread()) return;
    read?.resolve();
    read = null;
  };
  const stopAwaiting = () => {
    if (!awaiting) return;
    awaiting = false;
    clearTimeout(awaitTimer);
    weigh();
    tellRead();
  };
  const awaitTimer = awaiting ? setTimeout(stopAwaiting, stallMs) : undefined;

  const info = (): ConsoleSession => {
    const { id, guestId, kind, title, tty, startedAt } = endpoint;
    return { id, guestId, kind, title, tty, startedAt, exitCode, ended };
  };

  const advance = (reader: Reader) => {
    pump(reader, ring, channels, replayMax, now);
    if (ended && reader.begun && !reader.over && reader.offset === ring.end) {
      reader.over = true;
      readers.delete(reader);
      reader.watcher.end(exitCode);
      tellRead();
    }
  };

  const behind = (reader: Reader): boolean =>
    ring.end - reader.offset > (paused ? RELEASE_BYTES : HOLD_BYTES) ||
    channels.changesAfter(reader.offset) > HOLD_CHANGES;

  /** Pauses or resumes the program to suit its readers. */
  const weigh = () => {
    if (ended) return;
    let hold = awaiting && ring.end > (paused ? RELEASE_BYTES : HOLD_BYTES);
    for (const reader of readers) hold ||= !reader.stalled && behind(reader);
    if (hold && stallTimer === null) stallTimer = setTimeout(judge, stallMs);
    if (!hold && stallTimer !== null) {
      clearTimeout(stallTimer);
      stallTimer = null;
    }
    if (hold === paused) return;
    paused = hold;
    if (hold) endpoint.pause();
    else endpoint.resume();
  };

  /** Finds the readers that fell asleep while they held the program. */
  const judge = () => {
    stallTimer = null;
    const at = now();
    let soonestMs = stallMs;
    for (const reader of readers) {
      if (reader.stalled || reader.patient || !behind(reader)) continue;
      const silentMs = at - reader.lastSignMs;
      if (silentMs >= stallMs) reader.stalled = true;
      else soonestMs = Math.min(soonestMs, stallMs - silentMs);
    }
    weigh();
    if (stallTimer !== null) {
      clearTimeout(stallTimer);
      stallTimer = setTimeout(judge, Math.max(1, soonestMs));
    }
  };

  const deliver = () => {
    for (const reader of readers) advance(reader);
    weigh();
  };

  const onData = (bytes: Uint8Array, channel: 'stdout' | 'stderr') => {
    if (ended || bytes.length === 0) return;
    if (!endpoint.tty) {
      channels.note(ring.end, channel);
      channels.prune(ring.start);
    }
    ring.write(bytes);
    if (readers.size === 0) return awaiting ? weigh() : undefined;
    // The first bytes go at once (an echoed key), those of the same turn of the event loop together.
    if (!batching) {
      batching = true;
      setImmediate(() => {
        batching = false;
        deliver();
      });
      deliver();
      return;
    }
    for (const reader of readers) if (ring.end - reader.offset >= MAX_CHUNK) advance(reader);
    weigh();
  };

  const onEnd = (code: number | null) => {
    if (ended) return;
    exitCode = code;
    ended = true;
    if (stallTimer !== null) clearTimeout(stallTimer);
    stallTimer = null;
    input.close();
    for (const reader of [...readers]) advance(reader);
    options.onChange?.(info());
  };

  const setSize = (reader: Reader) => {
    active = reader;
    if (reader.size && !ended) endpoint.resize(reader.size.columns, reader.size.rows);
  };

  const watch = (watcher: Watcher, { tailBytes = replayMax, hold = false }: WatchOptions = {}): Watch => {
    const reader: Reader = {
      watcher,
      offset: ring.tail(Math.min(tailBytes, replayMax)),
      credit: 0,
      lastSignMs: now(),
      stalled: false,
      patient: hold,
      begun: false,
      over: false,
      pumping: false,
      channel: 'stdout',
      replay: true,
      inputBytes: 0,
      size: null,
    };
    readers.add(reader);
    stopAwaiting();
    return {
      grant(bytes) {
        if (reader.over || !(bytes > 0)) return;
        reader.begun = true;
        reader.credit += bytes;
        reader.lastSignMs = now();
        reader.stalled = false;
        advance(reader);
        weigh();
      },
      input(bytes) {
        if (reader.over || ended) return;
        if (active !== reader) setSize(reader);
        input.push(reader, bytes);
      },
      control(message) {
        if (reader.over || ended) return;
        if (message.type === 'stdin-end') input.end();
        else {
          const { columns, rows } = message;
          const same = active === reader && reader.size?.columns === columns && reader.size.rows === rows;
          reader.size = { columns, rows };
          if (!same) setSize(reader);
        }
      },
      close() {
        if (reader.over) return;
        reader.over = true;
        readers.delete(reader);
        if (active === reader) active = null;
        weigh();
        tellRead();
      },
    };
  };

  const history = await withDeadline(endpoint.history(ring.capacityBytes), HISTORY_TIMEOUT_MS);
  for (const { bytes, channel } of history ?? []) {
    if (!endpoint.tty) channels.note(ring.end, channel);
    ring.write(bytes);
  }
  await endpoint.start({ onData, onEnd });

  return {
    get info() {
      return info();
    },
    get watchers() {
      return readers.size;
    },
    watch,
    get unread() {
      if (!isUnread()) return null;
      read ??= Promise.withResolvers<void>();
      return read.promise;
    },
    snapshot: (tailBytes) => ring.snapshot(tailBytes),
    close() {
      if (!ended && paused) endpoint.resume();
      if (stallTimer !== null) clearTimeout(stallTimer);
      stallTimer = null;
      clearTimeout(awaitTimer);
      awaiting = false;
      input.close();
      endpoint.detach();
      ended = true;
      for (const reader of readers) {
        reader.over = true;
        reader.watcher.end(exitCode);
      }
      readers.clear();
      tellRead();
    },
  };
}

/** Scrollback is a comfort: late or failing, the session goes on without it. */
function withDeadline<T>(history: Promise<T>, timeoutMs: number): Promise<T | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), timeoutMs);
    history.then(resolve, () => resolve(null)).finally(() => clearTimeout(timer));
  });
}
