/** What the charts show, as files. Raw units: per cent, bytes, bytes per second. Pure. */
import { SERIES } from '../../engine/contract/index.ts';
import type { Track } from './track.ts';

export function toCsv(track: Track): string {
  const header = ['time', ...SERIES.flatMap((name) => [name, `${name}Peak`])].join(',');
  const rows = track.times.map((time, i) =>
    [new Date(time).toISOString(), ...SERIES.flatMap((name) => [track.average[name][i], track.peak[name][i]])]
      .map((value) => value ?? '')
      .join(','),
  );
  return `${[header, ...rows].join('\n')}\n`;
}

export const toJson = (name: string, track: Track): string => `${JSON.stringify({ guest: name, ...track }, null, 2)}\n`;
