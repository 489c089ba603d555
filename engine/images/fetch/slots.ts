/** So many at a time. */
import { abortable } from './turns.ts';

export interface Slots {
  /** Waits for a slot; answers how to leave it. Throws the signal's reason when it is aborted while waiting. */
  enter(signal: AbortSignal): Promise<() => void>;
}

export function createSlots(count: number): Slots {
  let free = count;
  const waiting: (() => void)[] = [];
  return {
    async enter(signal) {
      while (free === 0) {
        const turn = new Promise<void>((resolve) => waiting.push(resolve));
        await abortable(turn, signal);
      }
      free--;
      let left = false;
      return () => {
        if (left) return;
        left = true;
        free++;
        for (const wake of waiting.splice(0)) wake();
      };
    },
  };
}
