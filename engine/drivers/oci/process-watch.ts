/** Watching processes for their end: by a descriptor in the polling thread, or by looking when there is none to be had. */
import { readFileSync } from 'node:fs';
import { GuesthouseError } from '../../contract/errors.ts';
import { type ProcessRef, startTicksIn } from '../../host/process-ref.ts';
import { closeDescriptor, ESRCH, openPidFd } from './syscalls.ts';

/** Between two looks at a process without a descriptor (ms). */
const LOOK_EVERY_MS = 500;

/** What this needs of the polling thread. */
export interface ProcessSlots {
  /** Takes the descriptor over, also when it throws. `onLost`: the thread is gone, the process perhaps not. */
  take(fd: number, handlers: { onEnd(): void; onLost(): void }): number;
  drop(slot: number): void;
}

export interface ProcessWatch {
  /** See Poller. */
  watch(ref: ProcessRef, onEnd: () => void): () => void;
  close(): void;
}

export function createProcessWatch(slots: ProcessSlots): ProcessWatch {
  const timers = new Set<NodeJS.Timeout>();
  let closed = false;

  function watch(ref: ProcessRef, onEnd: () => void): () => void {
    if (closed) throw new GuesthouseError({ code: 'disconnected', message: 'The engine is being closed.' });
    let stopped = false;
    let letGo = () => {};
    const end = () => {
      if (!stopped) onEnd();
      stopped = true;
    };

    /** False: no descriptor now. */
    const byThread = (): boolean => {
      const fd = openPidFd(ref.pid);
      if (fd < 0 && fd !== -ESRCH) return false;
      // The number may have been given away before we had the descriptor.
      if (fd === -ESRCH || isGone(ref)) {
        if (fd >= 0) closeDescriptor(fd);
        setImmediate(end);
        return true;
      }
      try {
        const drop = () => slots.drop(slot);
        const slot = slots.take(fd, {
          onEnd() {
            drop();
            end();
          },
          onLost: byLooking,
        });
        letGo = drop;
        return true;
      } catch {
        return false;
      }
    };

    const byLooking = () => {
      if (stopped || closed) return;
      const timer = setInterval(() => {
        const gone = isGone(ref);
        if (!gone && !byThread()) return;
        clearInterval(timer);
        timers.delete(timer);
        if (gone) end();
      }, LOOK_EVERY_MS);
      timer.unref();
      timers.add(timer);
      letGo = () => {
        clearInterval(timer);
        timers.delete(timer);
      };
    };

    if (!byThread()) byLooking();
    return () => {
      stopped = true;
      letGo();
    };
  }

  return {
    watch,
    close() {
      closed = true;
      for (const timer of timers) clearInterval(timer);
      timers.clear();
    },
  };
}

/** True only when that is certain: whoever has no descriptor left cannot read /proc, and must not take it for an end. */
export function isGone(ref: ProcessRef): boolean {
  try {
    return startTicksIn(readFileSync(`/proc/${ref.pid}/stat`, 'latin1')) !== ref.startTicks;
  } catch (error) {
    return ['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '');
  }
}
