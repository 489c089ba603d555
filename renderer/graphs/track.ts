/** What a set of charts shows: history as it was read, with live samples added at its end. Pure. */
import { type History, SAMPLE_FIELD, type Sample, SERIES, type SeriesName } from '../../engine/contract/index.ts';
import type { Values } from './strip.ts';

export interface Track {
  /** Milliseconds between points. */
  readonly stepMs: number;
  readonly times: readonly number[];
  readonly average: Readonly<Record<SeriesName, Values>>;
  readonly peak: Readonly<Record<SeriesName, Values>>;
  readonly memoryLimitBytes: number | null;
}

export const fromHistory = ({ stepMs, times, average, peak, memoryLimitBytes }: History): Track => ({
  stepMs,
  times,
  average,
  peak,
  memoryLimitBytes,
});

/** More seconds than this between two samples are asked for, not left out (ms). */
const APART_MS = 10_000;

/** Whether this moment does not go on where the track ends: a clock was set, or the window slept. */
export function jumped(track: Track, at: number): boolean {
  const last = track.times.at(-1);
  return last !== undefined && (at < last - APART_MS || at > last + APART_MS);
}

/** Adds one sample (null: the guest was not in the frame) and forgets what is older than the range. */
export function appendSample(track: Track, at: number, sample: Sample | null, rangeMs: number): Track {
  const last = track.times.at(-1);
  if (last !== undefined && at - last < track.stepMs / 2) return track;
  const from = track.times.findIndex((time) => time >= at - rangeMs);
  const keep = from < 0 ? track.times.length : from;
  const add = (values: Values, name: SeriesName): Values => [
    ...values.slice(keep),
    sample?.[SAMPLE_FIELD[name]] ?? null,
  ];
  const all = (of: Track['average']) =>
    Object.fromEntries(SERIES.map((name) => [name, add(of[name], name)])) as unknown as Track['average'];
  return {
    stepMs: track.stepMs,
    times: [...track.times.slice(keep), at],
    average: all(track.average),
    peak: all(track.peak),
    memoryLimitBytes: sample ? sample.memoryLimitBytes : track.memoryLimitBytes,
  };
}

export const isKnown = (track: Track, name: SeriesName): boolean =>
  track.average[name]?.some((value) => value !== null) ?? false;

export const isEmpty = (track: Track): boolean =>
  SERIES.every((name) => track.average[name].every((value) => value === null));
