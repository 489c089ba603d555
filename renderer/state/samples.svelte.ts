/** The last minute of samples: the newest frame, and a ring of CPU figures per guest for the sparklines. */
import type { Sample, SampleFrame } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';

/** Seconds a sparkline shows. */
export const SPARK_SECONDS = 60;

class Samples {
  /** Newest sample by guest id; `host` is the host. */
  latest = $state.raw<ReadonlyMap<string, Sample>>(new Map());
  /** When the newest frame was taken (ms since the epoch); 0 before the first. Changes once a second. */
  at = $state(0);
  /** Per cent of one processor that measuring took. */
  costPercent = $state<number | null>(null);
  #rings = new Map<string, (number | null)[]>();
  #filled = new Set<string>();
  /** Changes when a past minute arrived. */
  filled = $state(0);

  start(): void {
    engine.subscribe('samples', {}, (frame) => this.#receive(frame));
  }

  /** The last `SPARK_SECONDS` CPU figures of a guest, oldest first; null where nothing is known. Not reactive: read it
   *  whenever `at` changed. */
  cpu(id: string): readonly (number | null)[] {
    return this.#rings.get(id) ?? [];
  }

  /** Fetches the minute before this window opened, once per guest: a row need not wait a minute for its line. */
  async prefill(id: string): Promise<void> {
    if (this.#filled.has(id)) return;
    this.#filled.add(id);
    try {
      const past = await engine.call('metrics.history', { id, rangeSeconds: 300, points: 300 });
      const ring = this.#rings.get(id) ?? [];
      const missing = SPARK_SECONDS - ring.length;
      if (missing > 0) this.#rings.set(id, [...past.average.cpu.slice(-SPARK_SECONDS).slice(-missing), ...ring]);
      this.filled += 1;
    } catch {
      // The line then begins now.
    }
  }

  #receive(frame: SampleFrame): void {
    const seen = new Map(frame.samples.map((sample) => [sample.id, sample]));
    for (const id of this.#rings.keys()) if (!seen.has(id)) this.#rings.delete(id);
    // A sleeping window or a lost link leaves a hole; it is shown as one, not as a straight line.
    const missed = this.at ? Math.min(SPARK_SECONDS, Math.round((frame.at - this.at) / 1000) - 1) : 0;
    for (const [id, sample] of seen) {
      const ring = this.#rings.get(id) ?? [];
      for (let i = 0; i < missed; i++) ring.push(null);
      ring.push(sample.cpuPercent);
      if (ring.length > SPARK_SECONDS) ring.splice(0, ring.length - SPARK_SECONDS);
      this.#rings.set(id, ring);
    }
    this.latest = seen;
    this.at = frame.at;
    this.costPercent = frame.costPercent;
  }
}

export const samples = new Samples();
