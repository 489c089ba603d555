/** How history gets coarser with age, and how points are put together. Pure. */
import { WIDTH } from './seconds.ts';

export interface Tier {
  /** Milliseconds of one point. */
  readonly stepMs: number;
  /** Points kept per guest. */
  readonly kept: number;
}

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * 10 s for 2 hours, 1 min for 26 hours, 10 min for 8 days, 1 h for 32 days: a little more than the ranges people ask
 * for, so that a range is always whole. 4200 points of 120 bytes per guest, about 0.6 MB with the file's own needs.
 * Each step divides the next.
 */
export const TIERS: readonly Tier[] = [
  { stepMs: 10 * SECOND_MS, kept: 720 },
  { stepMs: MINUTE_MS, kept: 1560 },
  { stepMs: 10 * MINUTE_MS, kept: 1152 },
  { stepMs: HOUR_MS, kept: 768 },
];

/** A stretch of time with averages and peaks of all series. NaN: not known. */
export interface Point {
  /** Start, milliseconds since the epoch. */
  readonly at: number;
  readonly stepMs: number;
  /** `WIDTH` averages, then `WIDTH` peaks. */
  readonly values: Float32Array;
}

/** Averages weighed by how long each point is, and peaks. null when nothing is known at all. */
export function combine(points: Iterable<Pick<Point, 'stepMs' | 'values'>>): Float32Array | null {
  const sums = new Float64Array(WIDTH);
  const weights = new Float64Array(WIDTH);
  const out = new Float32Array(2 * WIDTH).fill(Number.NaN);
  for (const { stepMs, values } of points) {
    for (let series = 0; series < WIDTH; series++) {
      const average = values[series] as number;
      const peak = values[WIDTH + series] as number;
      if (!Number.isNaN(average)) {
        sums[series] = (sums[series] as number) + average * stepMs;
        weights[series] = (weights[series] as number) + stepMs;
      }
      const highest = out[WIDTH + series] as number;
      if (!(highest >= peak) && !Number.isNaN(peak)) out[WIDTH + series] = peak;
    }
  }
  let known = false;
  for (let series = 0; series < WIDTH; series++) {
    if (weights[series] === 0) continue;
    known = true;
    out[series] = (sums[series] as number) / (weights[series] as number);
  }
  return known ? out : null;
}

/** One second as a point: its average is its peak. */
export function secondPoint(second: number, values: Float32Array): Point {
  const both = new Float32Array(2 * WIDTH);
  both.set(values);
  both.set(values, WIDTH);
  return { at: second * SECOND_MS, stepMs: SECOND_MS, values: both };
}

/** Start of the step of this length that holds the moment. */
export function floorTo(at: number, stepMs: number): number {
  return Math.floor(at / stepMs) * stepMs;
}
