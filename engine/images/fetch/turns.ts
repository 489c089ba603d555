/** One at a time by name: two pulls that share a layer fetch it once, and the second finds it in the store. */
export interface Turns {
  /** Waits for whoever has this name, then runs `act`. Throws the signal's reason when it is aborted while waiting. */
  take<T>(name: string, signal: AbortSignal, act: () => Promise<T>): Promise<T>;
  isTaken(name: string): boolean;
}

export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>();
  return {
    isTaken: (name) => last.has(name),
    async take(name, signal, act) {
      const before = last.get(name) ?? Promise.resolve();
      let leave = () => {};
      const mine = new Promise<void>((resolve) => {
        leave = resolve;
      });
      // Whoever gives up waiting still keeps the order of those behind.
      const settled = Promise.all([before, mine]);
      last.set(name, settled);
      void settled.then(() => {
        if (last.get(name) === settled) last.delete(name);
      });
      try {
        await abortable(before, signal);
        return await act();
      } finally {
        leave();
      }
    },
  };
}

/** Waits for it, or throws the signal's reason. */
export function abortable(waited: Promise<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    waited.then(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, reject);
  });
}
