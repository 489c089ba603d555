/**
 * The engine's end of a stream's flow control, counterpart of `contract/client.ts`: bytes leave only as the receiver
 * grants credit, in pieces of at most `MAX_CHUNK`. For streams that have a source of their own (a screen, a log); a
 * console session needs none, its ring is the queue.
 */
import { MAX_CHUNK } from '../contract/wire.ts';

export interface Outlet {
  /** Queues bytes and returns how many wait for credit. The caller does not touch them again. */
  push(bytes: Uint8Array): number;
  /** The receiver consumed this many bytes. The first grant is `INITIAL_CREDIT`, once the stream was announced. */
  grant(bytes: number): void;
  /** Does something once everything pushed so far was sent: a control message in its place, the end. */
  after(deed: () => void): void;
  /** Bytes waiting for credit. */
  readonly queued: number;
  /** Resolves when nothing waits; also when the outlet is closed. */
  drained(): Promise<void>;
  /** Forgets what waits; nothing is sent any more. */
  close(): void;
}

export interface OutletOptions {
  /** Called whenever the queue becomes empty after bytes had to wait. */
  readonly onDrain?: () => void;
}

export function createOutlet(send: (bytes: Uint8Array) => void, options: OutletOptions = {}): Outlet {
  let queue: (Uint8Array | (() => void))[] = [];
  let credit = 0;
  let queued = 0;
  let open = true;
  let sending = false;
  let waiters: (() => void)[] = [];

  const wake = () => {
    const ready = waiters;
    waiters = [];
    for (const done of ready) done();
  };

  const flush = (waited: boolean) => {
    // A deed or `send` may push or grant again; the loop already running takes that up.
    if (sending) return;
    sending = true;
    let next = 0;
    while (next < queue.length) {
      const head = queue[next] as Uint8Array | (() => void);
      if (typeof head === 'function') {
        next++;
        head();
        if (!open) break;
        continue;
      }
      if (credit <= 0) break;
      const size = Math.min(head.length, credit, MAX_CHUNK);
      credit -= size;
      queued -= size;
      if (size === head.length) next++;
      else queue[next] = head.subarray(size);
      send(size === head.length ? head : head.subarray(0, size));
      if (!open) break;
    }
    queue = open ? queue.slice(next) : [];
    sending = false;
    if (!open || queued > 0) return;
    wake();
    if (waited) options.onDrain?.();
  };

  return {
    push(bytes) {
      if (!open || bytes.length === 0) return queued;
      const waited = queued > 0;
      queue.push(bytes);
      queued += bytes.length;
      flush(waited);
      return queued;
    },
    grant(bytes) {
      if (!open || !(bytes > 0)) return;
      credit += bytes;
      flush(queued > 0);
    },
    after(deed) {
      if (!open) return;
      queue.push(deed);
      flush(queued > 0);
    },
    get queued() {
      return queued;
    },
    drained: () => (queued === 0 ? Promise.resolve() : new Promise((done) => waiters.push(done))),
    close() {
      open = false;
      queue = [];
      queued = 0;
      wake();
    },
  };
}
