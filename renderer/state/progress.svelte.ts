/** How fast operations go: rate and time left from the bytes they report. */
import { SvelteMap } from 'svelte/reactivity';
import type { Operation } from '../../engine/contract/index.ts';

/** Weight of the newest reading in the smoothed rate: steady enough to read, quick enough to be true. */
const SMOOTHING = 0.3;

interface Pace {
  readonly at: number;
  readonly done: number;
  readonly bytesPerSecond: number | null;
}

class Pacing {
  #paces = new SvelteMap<string, Pace>();

  /** To be told of every change of an operation. */
  observe(operation: Operation): void {
    const done = operation.progress?.bytesDone;
    if (operation.state !== 'running' || done === undefined) {
      this.#paces.delete(operation.id);
      return;
    }
    const at = performance.now();
    const before = this.#paces.get(operation.id);
    if (!before) this.#paces.set(operation.id, { at, done, bytesPerSecond: null });
    else if (at - before.at >= 250) {
      const fresh = (Math.max(0, done - before.done) * 1000) / (at - before.at);
      const bytesPerSecond =
        before.bytesPerSecond === null ? fresh : before.bytesPerSecond * (1 - SMOOTHING) + fresh * SMOOTHING;
      this.#paces.set(operation.id, { at, done, bytesPerSecond });
    }
  }

  bytesPerSecond(id: string): number | null {
    return this.#paces.get(id)?.bytesPerSecond ?? null;
  }
}

export const pacing = new Pacing();
