/** Where things are on a strip: samples to pixels, gaps, and no more points than the screen can show. Pure. */

/** The plot of one strip in CSS pixels, and what it shows. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  /** Milliseconds since the epoch at the left and right edge. */
  readonly from: number;
  readonly to: number;
  /** Raw value at the top. */
  readonly max: number;
}

export type Values = readonly (number | null)[];

/** Points of one unbroken line, as x, y, x, y, … */
export type Run = readonly number[];

export const xOf = (frame: Frame, time: number): number =>
  ((time - frame.from) / Math.max(1, frame.to - frame.from)) * frame.width;

/** One pixel is kept free above and below for the line's own width. */
export const yOf = (frame: Frame, value: number): number => {
  const room = frame.height - 2;
  return 1 + room - (Math.min(value, frame.max) / frame.max) * room;
};

/**
 * Longer silence between two samples than this is a gap (in steps). Where live samples join history, up to two are
 * missed because the one was read just before the other began.
 */
const GAP_STEPS = 3.5;

/**
 * The lines to draw. Where several samples fall on a pixel column, its first, highest, lowest and last are kept, so
 * that no peak is lost however long the range.
 */
export function runsOf(times: readonly number[], values: Values, stepMs: number, frame: Frame): Run[] {
  const runs: number[][] = [];
  let run: number[] = [];
  let column: { x: number; first: number; last: number; low: number; high: number } | null = null;
  let lastTime = Number.NEGATIVE_INFINITY;

  const flush = () => {
    if (!column) return;
    const { x, first, low, high, last } = column;
    run.push(x, yOf(frame, first));
    if (high !== first && high !== last) run.push(x, yOf(frame, high));
    if (low !== first && low !== last) run.push(x, yOf(frame, low));
    if (last !== first) run.push(x, yOf(frame, last));
    column = null;
  };
  const cut = () => {
    flush();
    if (run.length > 0) runs.push(run);
    run = [];
  };

  const dense = times.length > frame.width;
  for (let i = 0; i < times.length; i++) {
    const time = times[i] as number;
    const value = values[i] ?? null;
    if (time < frame.from - stepMs || time > frame.to + stepMs) continue;
    if (value === null || time - lastTime > GAP_STEPS * stepMs) cut();
    if (value === null) continue;
    lastTime = time;
    const exact = xOf(frame, time);
    const x = dense ? Math.round(exact) : exact;
    if (column && column.x === x) {
      column.last = value;
      column.low = Math.min(column.low, value);
      column.high = Math.max(column.high, value);
    } else {
      flush();
      column = { x, first: value, last: value, low: value, high: value };
    }
  }
  cut();
  return runs;
}

/** Stretches without any sample, as pairs of x. What comes before the first sample counts too. */
export function gapsOf(
  times: readonly number[],
  lines: readonly Values[],
  stepMs: number,
  frame: Frame,
): [number, number][] {
  const gaps: [number, number][] = [];
  let known = frame.from;
  const add = (from: number, to: number) => {
    const left = Math.max(0, xOf(frame, from));
    const right = Math.min(frame.width, xOf(frame, to));
    if (right - left >= 1) gaps.push([left, right]);
  };
  for (let i = 0; i < times.length; i++) {
    const time = times[i] as number;
    if (!lines.some((values) => (values[i] ?? null) !== null)) continue;
    if (time - known > GAP_STEPS * stepMs) add(known === frame.from ? known : known + stepMs / 2, time - stepMs / 2);
    known = Math.max(known, time);
  }
  if (frame.to - known > GAP_STEPS * stepMs) add(known === frame.from ? known : known + stepMs / 2, frame.to);
  return gaps;
}

/** Index of the sample nearest to a moment; -1 without samples. */
export function nearest(times: readonly number[], time: number): number {
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) < time) low = middle + 1;
    else high = middle;
  }
  const after = times[low];
  const before = times[low - 1];
  if (after === undefined) return -1;
  return before !== undefined && time - before < after - time ? low - 1 : low;
}
