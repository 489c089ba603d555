/** Words of the charts. */
import { keepingApart } from '../messages/apart.ts';
import { clock, shortClock, shortDay } from '../messages/format.ts';
import type { TimeTicks } from './axis.ts';

export const RANGES = ['300', '3600', '86400', '604800', '2592000'] as const;
/** Seconds, as a word for a segmented choice. */
export type Range = (typeof RANGES)[number];

const SHORT: Record<Range, string> = { 300: '5 min', 3600: '1 h', 86400: '24 h', 604800: '7 d', 2592000: '30 d' };
const LONG: Record<Range, string> = {
  300: 'the last five minutes',
  3600: 'the last hour',
  86400: 'the last 24 hours',
  604800: 'the last seven days',
  2592000: 'the last 30 days',
};

export const m = keepingApart({
  range: 'Range',
  rangeName: (range: Range): string => SHORT[range],
  live: (seconds: number): string => (seconds === 1 ? 'Live, every 1 s' : `Live, every ${seconds} s`),
  paused: 'Paused',
  pause: 'Pause the charts (Space)',
  resume: 'Go on (Space)',
  export: 'Export',
  exportCsv: 'Figures as CSV',
  exportJson: 'Figures as JSON',
  exportPng: 'Picture as PNG',
  now: 'now',
  average: 'average',
  peak: 'peak',
  noData: 'no data',
  none: '–',
  charts: (name: string): string =>
    `Resources of ${name}. Left and Right move the cursor by one sample, Escape lets go.`,
  titles: {
    cpu: 'CPU',
    memory: 'Memory',
    disk: 'Disk',
    network: 'Network',
    pressure: 'Waiting for',
    operations: 'Disk operations',
    packets: 'Packets',
    processes: 'Processes',
  },
  lines: {
    cpu: 'use',
    memory: 'host side',
    guestMemory: 'guest side',
    diskRead: 'read',
    diskWrite: 'write',
    netIn: 'in',
    netOut: 'out',
    cpuPressure: 'CPU',
    memoryPressure: 'memory',
    ioPressure: 'disk',
    diskReadOps: 'read',
    diskWriteOps: 'write',
    netInPackets: 'in',
    netOutPackets: 'out',
    processes: 'tasks',
  },
  perSecond: 'a second',
  ofTime: '% of the time',
  hostMemory: 'used',
  ofCores: (cores: number): string => (cores === 1 ? '% of 1 core' : `% of ${cores} cores`),
  unitWithLimit: (unit: string, limit: string): string => `${unit}, limit ${limit}`,
  unitForGuest: (unit: string, size: string): string => `${unit}, ${size} for the guest`,
  unitSilentGuest: (unit: string, size: string): string => `${unit}, ${size} for the guest, which does not say its use`,
  unitOf: (unit: string, total: string): string => `${unit}, of ${total}`,
  cursor: (at: number, days: boolean): string => (days ? `${shortDay(at)}, ${shortClock(at)}` : clock(at)),
  tick: (at: number, { days, seconds }: TimeTicks): string => (days ? shortDay : seconds ? clock : shortClock)(at),
  empty: 'No samples yet',
  emptyHint: 'One is taken every second while the guest runs.',
  emptyRange: 'No samples in this range',
  failed: 'The history could not be read.',
  retry: 'Read again',
  picture: (title: string, over: string): string => `${title} over ${over}`,
  rangeLong: (range: Range): string => LONG[range],
  span: (from: number, to: number): string =>
    to - from > 86_400_000
      ? `${shortDay(from)}, ${shortClock(from)} to ${shortDay(to)}, ${shortClock(to)}`
      : `${clock(from)} to ${clock(to)}`,
  zoomIn: 'Closer (+)',
  zoomOut: 'Further (-)',
  back: 'Earlier (Page Up)',
  on: 'Later (Page Down)',
  whole: 'Back to now',
  wholeHint: 'Back to now (0)',
  zoomHint: 'Draw over a chart to look closer; hold Ctrl and turn the wheel to zoom, Shift to move.',
  overlay: 'Overlay',
  overlaid: (n: number): string => `Overlay, ${n}`,
  overlayMost: 'More lines than these cannot be told apart',
  overlayNone: 'There is no other guest',
  logAt: (at: number): string => `Log around ${clock(at)}`,
  logNone: 'It wrote nothing in these seconds.',
  logClose: 'Put the log away',
  logTime: (at: number): string => clock(at),
  summary: (title: string, parts: readonly string[]): string => `${title}: ${parts.join('; ')}.`,
  summaryLine: (label: string, now: string, average: string, peak: string, unit: string): string =>
    `${label} ${now}, average ${average}, peak ${peak} ${unit}`,
  summaryNone: (title: string): string => `${title}: no samples in this range.`,
});
