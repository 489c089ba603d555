/** The last ten minutes of one guest, second by second, in memory. */
import { SAMPLE_FIELD, type Sample, SERIES } from '../contract/metrics.ts';

/** Ten minutes: what a live graph shows at its widest. */
export const SECONDS_KEPT = 600;

/** Values per point, in the order of `SERIES`. */
export const WIDTH = SERIES.length;

const FIELDS = SERIES.map((name) => SAMPLE_FIELD[name]);

export interface Seconds {
  /** `second`: seconds since the epoch. A second already there is replaced. */
  put(second: number, sample: Sample): void;
  putValues(second: number, values: Float32Array): void;
  /** Values of one second, or null. The array is the ring's own: copy it to keep it. */
  get(second: number): Float32Array | null;
}

export function createSeconds(): Seconds {
  const values = new Float32Array(SECONDS_KEPT * WIDTH);
  // Which second each slot holds; slots of an earlier turn of the ring are recognised by it.
  const held = new Float64Array(SECONDS_KEPT);
  const slotOf = (second: number) => ((second % SECONDS_KEPT) + SECONDS_KEPT) % SECONDS_KEPT;
  const slotValues = (slot: number) => values.subarray(slot * WIDTH, (slot + 1) * WIDTH);
  return {
    put(second, sample) {
      const slot = slotOf(second);
      held[slot] = second;
      writeSample(slotValues(slot), sample);
    },
    putValues(second, given) {
      const slot = slotOf(second);
      held[slot] = second;
      slotValues(slot).set(given);
    },
    get(second) {
      const slot = slotOf(second);
      return held[slot] === second ? slotValues(slot) : null;
    },
  };
}

function writeSample(out: Float32Array, sample: Sample): void {
  for (let series = 0; series < WIDTH; series++)
    out[series] = sample[FIELDS[series] as (typeof FIELDS)[number]] ?? Number.NaN;
}
