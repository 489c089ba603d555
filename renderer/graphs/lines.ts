/** The lines of a strip: of one guest all its series, of several guests one line each. Pure. */
import type { SeriesName } from '../../engine/contract/index.ts';
import { nearest, type Values } from './strip.ts';
import { lineLabel, linesOf, type StripKind } from './strips.ts';
import type { Track } from './track.ts';

/** A guest (or the host) on the charts. */
export interface Subject {
  readonly id: string;
  readonly name: string;
  readonly track: Track;
}

export interface Line {
  readonly key: string;
  readonly label: string;
  readonly track: Track;
  readonly average: Values;
  readonly peak: Values;
  /** Which of the series' colours. */
  readonly colour: number;
}

/** More lines on one chart cannot be told apart. */
export const MOST_SUBJECTS = 5;

/** Series that are two halves of one thing: several guests show their sum. */
const SUMMED: readonly StripKind['key'][] = ['disk', 'network', 'operations', 'packets'];

export function linesFor(kind: StripKind, subjects: readonly Subject[], host: boolean): readonly Line[] {
  const [main] = subjects;
  if (!main) return [];
  if (subjects.length === 1)
    return linesOf(kind, main.track).map((name, colour) => ({
      key: name,
      label: lineLabel(name, host),
      track: main.track,
      average: main.track.average[name],
      peak: main.track.peak[name],
      colour,
    }));
  const names = SUMMED.includes(kind.key) ? kind.series : kind.series.slice(0, 1);
  return subjects.map(({ id, name, track }, colour) => ({
    key: id,
    label: name,
    track,
    average: total(track.average, names),
    peak: total(track.peak, names),
    colour,
  }));
}

function total(of: Track['average'], names: readonly SeriesName[]): Values {
  const [first, ...rest] = names.map((name) => of[name]);
  if (!first || rest.length === 0) return first ?? [];
  return first.map((value, at) =>
    rest.reduce<number | null>((sum, values) => {
      const more = values[at] ?? null;
      return sum === null ? more : more === null ? sum : sum + more;
    }, value),
  );
}

/** A line's value at a moment; null where it has no sample near it. */
export function valueAt({ track, average }: Line, time: number | undefined): number | null {
  if (time === undefined) return null;
  const index = nearest(track.times, time);
  const found = track.times[index];
  return found !== undefined && Math.abs(found - time) <= 1.5 * track.stepMs ? (average[index] ?? null) : null;
}

export function highestOf(lines: readonly Line[]): number {
  let highest = 0;
  for (const { average, peak } of lines)
    for (const values of [average, peak])
      for (const value of values) if (value !== null && value > highest) highest = value;
  return highest;
}

export function figuresOf({ average, peak }: Line): { average: number | null; peak: number | null } {
  let sum = 0;
  let count = 0;
  let highest: number | null = null;
  for (const value of average) {
    if (value === null) continue;
    sum += value;
    count += 1;
  }
  for (const values of [average, peak])
    for (const value of values) if (value !== null && (highest === null || value > highest)) highest = value;
  return { average: count === 0 ? null : sum / count, peak: highest };
}
