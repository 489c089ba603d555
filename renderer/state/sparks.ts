/**
 * The last minute of everybody's CPU. A second of a thousand guests is one column of numbers, put aside as it came; the
 * line of a guest is read across the columns when it is drawn, and only rows in sight are drawn. Pure but for what it keeps.
 */
import type { UnpackedFrame } from '../../engine/contract/index.ts';

/** Seconds a sparkline shows. */
export const SPARK_SECONDS = 60;

type Second = { readonly places: ReadonlyMap<string, number>; readonly cpu: Float32Array };

/** A second without figures. */
const HOLE: Second = { places: new Map(), cpu: new Float32Array(0) };

export interface Sparks {
  add(frame: UnpackedFrame): void;
  /** What was before the first frame: the last `SPARK_SECONDS` figures of a guest until now, oldest first. */
  fill(id: string, values: readonly (number | null)[]): void;
  /** Of the last `SPARK_SECONDS`, oldest first; null where nothing is known. */
  cpu(id: string): (number | null)[];
}

export function createSparks(): Sparks {
  /** The last minute at most, oldest first. */
  const seconds: Second[] = [];
  /** Seconds seen so far. */
  let count = 0;
  let lastAt = 0;
  /** `until`: the seconds seen when it was read. */
  const pasts = new Map<string, { readonly values: readonly (number | null)[]; readonly until: number }>();

  const put = (second: Second) => {
    seconds.push(second);
    if (seconds.length > SPARK_SECONDS) seconds.shift();
    count += 1;
  };

  return {
    add(frame) {
      // A sleeping window or a lost link leaves a hole; it is shown as one, not as a straight line.
      const missed = lastAt ? Math.min(SPARK_SECONDS, Math.round((frame.at - lastAt) / 1000) - 1) : 0;
      for (let n = 0; n < missed; n++) put(HOLE);
      put({ places: frame.places, cpu: frame.column('cpuPercent') });
      lastAt = frame.at;
      if (seconds.length === SPARK_SECONDS) pasts.clear();
    },
    fill(id, values) {
      pasts.set(id, { values, until: count });
    },
    cpu(id) {
      const line: (number | null)[] = [];
      const past = pasts.get(id);
      for (let n = count - SPARK_SECONDS; n < count - seconds.length; n++)
        line.push(past?.values[n - past.until + past.values.length] ?? null);
      let places: Second['places'] | null = null;
      let place = -1;
      for (const second of seconds) {
        // As long as nobody comes or goes, all seconds have the same places.
        if (second.places !== places) {
          places = second.places;
          place = places.get(id) ?? -1;
        }
        const value = second.cpu[place];
        line.push(value === undefined || Number.isNaN(value) ? null : value);
      }
      return line;
    },
  };
}
