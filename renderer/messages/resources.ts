/** Text of the section Resources: all guests together, and thresholds. */
import { words } from './words.ts';

/** What guests are ranked by. */
export type RankedKind = 'cpu' | 'memory' | 'disk' | 'network';

const KIND: Record<RankedKind, string> = { cpu: 'CPU', memory: 'Memory', disk: 'Disk', network: 'Network' };

export const resources = {
  title: 'Resources',
  text: 'Who uses what on this host',
  kind: 'What',
  kindName: (kind: RankedKind): string => KIND[kind],
  chart: (kind: string, range: string): string => `${kind} of all guests over ${range}, stacked`,
  summary: (parts: readonly string[]): string => (parts.length === 0 ? 'No figures.' : `${parts.join('; ')}.`),
  summaryOf: (name: string, average: string, peak: string): string => `${name} average ${average}, peak ${peak}`,
  others: (n: number): string => (n === 1 ? '1 more guest' : `${n} more guests`),
  all: 'All guests',
  guest: 'Guest',
  now: 'now',
  none: 'No guest has figures in this range',
  gone: 'removed',
  csv: 'Save as CSV',
  open: (name: string): string => `Open the graphs of ${name}`,
  cost: 'Measuring',
  costText: (percent: string): string =>
    `Looking at every guest once a second takes ${percent} of one processor, mean of the last minute.`,
  thresholds: {
    title: 'Thresholds',
    text: 'You are told when a guest matches one of these for so long. Written like the filter of the list: cpu>90, memory>80% label:team=web.',
    when: 'When',
    whenHint: 'cpu>90',
    for: 'for',
    seconds: (n: number): string => (n < 60 ? `${n} s` : `${n / 60} min`),
    add: 'Add a threshold',
    remove: (rule: string): string => `Remove ${rule}`,
    on: (rule: string): string => `Watch ${rule}`,
    allow: 'Allow notifications',
    denied: 'This browser was told not to show notifications of this window; they appear in the window alone.',
    unsupported: 'Notifications appear in the window alone.',
    crossed: (name: string, rule: string, span: string): string => `${name}: ${rule} for ${span}`,
    show: 'Show',
    needsFigure: 'It wants a figure, such as cpu>90.',
    matching: (n: number): string => (n === 0 ? 'none now' : `${words.guests(n)} now`),
  },
};
