/** Which strips there are, top to bottom, and what each shows. */
import type { SeriesName } from '../../engine/contract/index.ts';
import { type Axis, memoryAxis, percentAxis, rateAxis, valueLabel } from './axis.ts';
import { m } from './messages.ts';
import { highestOf, type Track } from './track.ts';

export interface StripKind {
  readonly key: keyof typeof m.titles;
  readonly series: readonly SeriesName[];
  axis(highest: number, track: Track): Axis;
  /** Raw value of a limit to draw, or null. */
  limit(track: Track): number | null;
}

const none = () => null;

export const STRIPS: readonly StripKind[] = [
  { key: 'cpu', series: ['cpu'], axis: percentAxis, limit: none },
  {
    key: 'memory',
    series: ['memory'],
    axis: (highest, track) => memoryAxis(highest, track.memoryLimitBytes),
    limit: (track) => track.memoryLimitBytes,
  },
  { key: 'disk', series: ['diskRead', 'diskWrite'], axis: rateAxis, limit: none },
  { key: 'network', series: ['netIn', 'netOut'], axis: rateAxis, limit: none },
];

export function axisOf(kind: StripKind, track: Track): Axis {
  return kind.axis(Math.max(0, ...kind.series.map((name) => highestOf(track, name) ?? 0)), track);
}

/** What stands beside the title: the unit, and what it is a share of. */
export function unitText(kind: StripKind, axis: Axis, track: Track, cores: number, host: boolean): string {
  if (kind.key === 'cpu') return m.ofCores(cores);
  const limit = kind.limit(track);
  if (limit === null) return axis.unit.name;
  const text = valueLabel(axis, limit).replace(/\.0+$/, '');
  return host ? m.unitOf(axis.unit.name, text) : m.unitWithLimit(axis.unit.name, text);
}

export const lineLabel = (name: SeriesName, host: boolean): string =>
  host && name === 'memory' ? m.hostMemory : m.lines[name];
