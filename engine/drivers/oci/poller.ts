/** The main thread's side of the polling thread: watch a socket or a process, consume, let go. One thread for all. */
import type { Worker } from 'node:worker_threads';
import { GuesthouseError } from '../../contract/errors.ts';
import type { ProcessRef } from '../../host/process-ref.ts';
import { startWorker } from '../../host/worker.ts';
import { CLOSING, LOADED, type Order, QUEUE_LIMIT_BYTES, type Report, SLOTS, STARVED } from './poll-protocol.ts';
import { createProcessWatch } from './process-watch.ts';
import { closeDescriptor, makeEventFd, raiseEvent } from './syscalls.ts';

/** How long the end of this process may be held up by a thread that is being loaded (ms). */
const LOAD_TIMEOUT_MS = 5_000;

export interface WatchHandlers {
  onData?(bytes: Uint8Array, channel: number): void;
  /** The other side hung up, or the process ended. Once, and nothing after it. */
  onEnd(): void;
  onWritable?(): void;
  /** The thread failed, so nothing more will be heard. Default: `onEnd`. */
  onLost?(): void;
}

interface Slot {
  readonly fd: number;
  readonly handlers: WatchHandlers;
  dropped: boolean;
}

export interface Poller {
  /** Takes over the descriptor: it is closed by `drop`, or here when this throws. Answers the slot. */
  watchSocket(fd: number, handlers: WatchHandlers): number;
  /**
   * Calls `onEnd` when the process ends (at once, but later, when it is gone already). Answers how to stop watching.
   * Never takes a lack of descriptors for the end.
   */
  watchProcess(ref: ProcessRef, onEnd: () => void): () => void;
  /** So many bytes given to `onData` were used up; reading goes on when it had stopped. */
  consumed(slot: number, bytes: number): void;
  wantWrite(slot: number): void;
  drop(slot: number): void;
  /** Starts the thread before there is anything to watch. */
  warm(): void;
  /** Ends the thread. Watching anything afterwards throws; the rest does nothing. */
  close(): void;
}

export function createPoller(): Poller {
  const shared = {
    queued: new SharedArrayBuffer(SLOTS * 4),
    flags: new SharedArrayBuffer((SLOTS + STARVED) * 4),
  };
  const queued = new Int32Array(shared.queued);
  const flags = new Int32Array(shared.flags);
  const slots = new Map<number, Slot>();
  let eventFd = -1;
  let worker: Worker | null = null;
  let next = 0;
  let closed = false;

  const wake = () => {
    if (eventFd >= 0) raiseEvent(eventFd);
  };
  const end = () => {
    if (!worker) return;
    Atomics.store(flags, CLOSING, 1);
    wake();
  };
  /**
   * A thread inside `poll` cannot be interrupted: without this the process would wait for it for ever. One that is ended
   * while it loads native code takes the process down with it.
   */
  const endWithProcess = () => {
    end();
    Atomics.wait(flags, LOADED, 0, LOAD_TIMEOUT_MS);
  };
  const order = (what: Order) => {
    // A new thread would keep the process from ending, with nobody left to end it.
    if (closed) return;
    worker ??= launch();
    worker.postMessage(what);
    wake();
  };

  function launch(): Worker {
    eventFd = makeEventFd();
    Atomics.store(flags, CLOSING, 0);
    Atomics.store(flags, LOADED, 0);
    const file = import.meta.url.endsWith('.ts') ? './poll-worker.ts' : './poll-worker.js';
    const thread = startWorker(new URL(file, import.meta.url), { workerData: { shared, eventFd } });
    thread.unref();
    thread.on('message', receive);
    thread.on('error', lost);
    process.once('exit', endWithProcess);
    return thread;
  }

  /** The thread could not go on, e.g. because nothing more could be opened or allocated. */
  function lost(): void {
    process.removeListener('exit', endWithProcess);
    closeDescriptor(eventFd);
    eventFd = -1;
    worker = null;
    const all = [...slots.values()];
    slots.clear();
    for (const { fd, handlers, dropped } of all) {
      closeDescriptor(fd);
      if (!dropped) (handlers.onLost ?? handlers.onEnd).call(handlers);
    }
  }

  function receive(report: Report): void {
    const slot = slots.get(report.slot);
    if (!slot) return;
    if (report.what === 'dropped') {
      slots.delete(report.slot);
      Atomics.store(queued, report.slot, 0);
      Atomics.store(flags, STARVED + report.slot, 0);
      closeDescriptor(slot.fd);
    } else if (slot.dropped) {
      return;
    } else if (report.what === 'data') {
      slot.handlers.onData?.(report.bytes, report.channel);
    } else if (report.what === 'writable') {
      slot.handlers.onWritable?.();
    } else {
      slot.handlers.onEnd();
    }
  }

  function take(fd: number, handlers: WatchHandlers, kind: 'socket' | 'pid'): number {
    try {
      if (closed) throw new GuesthouseError({ code: 'disconnected', message: 'The engine is being closed.' });
      if (slots.size >= SLOTS) {
        throw new GuesthouseError({ code: 'resources', message: 'Too many console sessions are open.' });
      }
      worker ??= launch();
    } catch (error) {
      closeDescriptor(fd);
      throw error;
    }
    while (slots.has(next)) next = (next + 1) % SLOTS;
    const slot = next;
    next = (next + 1) % SLOTS;
    slots.set(slot, { fd, handlers, dropped: false });
    order({ what: 'watch', slot, fd, kind });
    return slot;
  }

  const drop = (index: number) => {
    const slot = slots.get(index);
    if (!slot || slot.dropped) return;
    slot.dropped = true;
    order({ what: 'drop', slot: index });
  };

  const processes = createProcessWatch({ take: (fd, handlers) => take(fd, handlers, 'pid'), drop });

  return {
    watchSocket: (fd, handlers) => take(fd, handlers, 'socket'),
    watchProcess: processes.watch,
    consumed(slot, bytes) {
      const before = Atomics.sub(queued, slot, bytes);
      if (before - bytes >= QUEUE_LIMIT_BYTES) return;
      if (Atomics.exchange(flags, STARVED + slot, 0) === 1) wake();
    },
    wantWrite: (slot) => order({ what: 'want-write', slot }),
    drop,
    warm() {
      if (!closed) worker ??= launch();
    },
    close() {
      closed = true;
      processes.close();
      if (!worker) return;
      const fd = eventFd;
      worker.once('exit', () => {
        process.removeListener('exit', endWithProcess);
        for (const slot of slots.values()) closeDescriptor(slot.fd);
        slots.clear();
        closeDescriptor(fd);
      });
      end();
      worker = null;
      eventFd = -1;
    },
  };
}
