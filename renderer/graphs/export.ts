/** What the charts show, as files. Raw units: per cent, bytes, bytes per second. Pure. */
import { SERIES } from '../../engine/contract/index.ts';
import type { Subject } from './lines.ts';

/** A line for each guest and moment; what nobody on the charts has is left out. */
export function toCsv(subjects: readonly Subject[]): string {
  const names = SERIES.filter((name) =>
    subjects.some(({ track }) => track.average[name].some((value) => value !== null)),
  );
  const header = ['guest', 'time', ...names.flatMap((name) => [name, `${name}Peak`])].join(',');
  const rows = subjects.flatMap(({ name, track }) =>
    track.times.map((time, i) =>
      [
        cell(name),
        new Date(time).toISOString(),
        ...names.flatMap((series) => [track.average[series][i], track.peak[series][i]]),
      ]
        .map((value) => value ?? '')
        .join(','),
    ),
  );
  return `${[header, ...rows].join('\n')}\n`;
}

export const toJson = (subjects: readonly Subject[]): string =>
  `${JSON.stringify({ guests: subjects.map(({ name, track }) => ({ guest: name, ...track })) }, null, 2)}\n`;

const cell = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
