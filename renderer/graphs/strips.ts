/** Which strips there are, top to bottom, and what each shows. */
import type { SeriesName } from '../../engine/contract/index.ts';
import { type Axis, countAxis, memoryAxis, percentAxis, rateAxis, valueLabel } from './axis.ts';
import { m } from './messages.ts';
import { isKnown, type Track } from './track.ts';

export interface StripKind {
  readonly key: keyof typeof m.titles;
  readonly series: readonly SeriesName[];
  axis(highest: number, track: Track): Axis;
  /** Raw value of a limit to draw, or null. */
  limit(track: Track): number | null;
  /** Only shown where something of it is known; the others are always there. */
  readonly further?: boolean;
}

const none = () => null;

export const STRIPS: readonly StripKind[] = [
  { key: 'cpu', series: ['cpu'], axis: percentAxis, limit: none },
  {
    key: 'memory',
    series: ['memory', 'guestMemory'],
    axis: (highest, track) => memoryAxis(highest, track.memoryLimitBytes),
    limit: (track) => track.memoryLimitBytes,
  },
  { key: 'disk', series: ['diskRead', 'diskWrite'], axis: rateAxis, limit: none },
  { key: 'network', series: ['netIn', 'netOut'], axis: rateAxis, limit: none },
  {
    key: 'pressure',
    series: ['cpuPressure', 'memoryPressure', 'ioPressure'],
    axis: percentAxis,
    limit: none,
    further: true,
  },
  {
    key: 'operations',
    series: ['diskReadOps', 'diskWriteOps'],
    axis: (highest) => countAxis(highest, m.perSecond),
    limit: none,
    further: true,
  },
  {
    key: 'packets',
    series: ['netInPackets', 'netOutPackets'],
    axis: (highest) => countAxis(highest, m.perSecond),
    limit: none,
    further: true,
  },
  { key: 'processes', series: ['processes'], axis: (highest) => countAxis(highest, ''), limit: none, further: true },
];

/** The strips worth their room for these figures. */
export const stripsFor = (track: Track | null): readonly StripKind[] =>
  STRIPS.filter(({ further, series }) => !further || (track !== null && series.some((name) => isKnown(track, name))));

/** The lines of a strip; one that is known of machines alone is left out for the others. */
export const linesOf = ({ series }: StripKind, track: Track | null): readonly SeriesName[] =>
  series.filter((name, index) => index === 0 || name !== 'guestMemory' || (track !== null && isKnown(track, name)));

/** What the figures are shares of. */
export interface Whole {
  readonly cores: number;
  readonly host: boolean;
  /** Memory a machine has inside, which nothing outside limits; null where a limit says it, and for the host. */
  readonly guestMib: number | null;
}

const shortest = (label: string): string => label.replace(/([.,]\d*?)0+$/, '$1').replace(/[.,]$/, '');

/** Its host has figures of its memory, and the guest itself gives none. */
const isSilent = (track: Track) => isKnown(track, 'memory') && !isKnown(track, 'guestMemory');

/** What stands beside the title: the unit, and what it is a share of. */
export function unitText(kind: StripKind, axis: Axis, track: Track, of: Whole): string {
  if (kind.key === 'cpu') return m.ofCores(of.cores);
  if (kind.key === 'pressure') return m.ofTime;
  const limit = kind.limit(track);
  if (limit === null)
    return kind.key === 'memory' && of.guestMib !== null
      ? (isSilent(track) ? m.unitSilentGuest : m.unitForGuest)(
          axis.unit.name,
          shortest(valueLabel(axis, of.guestMib * 1024 ** 2)),
        )
      : axis.unit.name;
  const text = shortest(valueLabel(axis, limit));
  return of.host ? m.unitOf(axis.unit.name, text) : m.unitWithLimit(axis.unit.name, text);
}

export const lineLabel = (name: SeriesName, host: boolean): string =>
  host && name === 'memory' ? m.hostMemory : m.lines[name];
