import { describe, expect, it } from 'vitest';
import { type History, type Sample, SERIES } from '../../engine/contract/index.ts';
import { toCsv, toJson } from './export.ts';
import { figuresOf, linesFor } from './lines.ts';
import { STRIPS } from './strips.ts';
import { appendSample, fromHistory, isEmpty, jumped } from './track.ts';

const sample = (cpuPercent: number | null): Sample => ({
  id: 'a',
  cpuPercent,
  memoryBytes: 5,
  memoryLimitBytes: 10,
  diskReadBps: 0,
  diskWriteBps: 0,
  netInBps: 0,
  netOutBps: null,
});

function history(cpu: (number | null)[]): History {
  const all = Object.fromEntries(SERIES.map((name) => [name, cpu])) as unknown as History['average'];
  return { id: 'a', stepMs: 1000, times: cpu.map((_, i) => i * 1000), average: all, peak: all, memoryLimitBytes: null };
}

describe('live samples', () => {
  it('are added at the end, and what is too old goes', () => {
    let track = fromHistory(history([1, 2, 3]));
    track = appendSample(track, 3000, sample(4), 2000);
    expect(track.times).toEqual([1000, 2000, 3000]);
    expect(track.average.cpu).toEqual([2, 3, 4]);
    expect(track.average.netOut.at(-1)).toBeNull();
    expect(track.memoryLimitBytes).toBe(10);
  });

  it('that history already has are not added twice', () => {
    const track = fromHistory(history([1, 2, 3]));
    expect(appendSample(track, 2000, sample(9), 60_000)).toBe(track);
  });

  it('without the guest are a gap', () => {
    const track = appendSample(fromHistory(history([1])), 1000, null, 60_000);
    expect(track.average.cpu).toEqual([1, null]);
  });

  it('of a clock that was set do not go on where the track ends', () => {
    const track = fromHistory(history([1, 2, 3]));
    expect(jumped(track, 3000)).toBe(false);
    expect(jumped(track, 2000 + 3_600_000)).toBe(true);
    expect(jumped(track, 2000 - 3_600_000)).toBe(true);
    expect(jumped(fromHistory(history([])), 5000)).toBe(false);
  });

  it('begin an empty track', () => {
    const empty = fromHistory(history([]));
    expect(isEmpty(empty)).toBe(true);
    expect(appendSample(empty, 5000, sample(1), 60_000).times).toEqual([5000]);
  });
});

describe('figures', () => {
  const subject = (name: string, cpu: (number | null)[]) => ({ id: name, name, track: fromHistory(history(cpu)) });
  const figures = (cpu: (number | null)[]) => {
    const [line] = linesFor(STRIPS[0] as (typeof STRIPS)[number], [subject('a', cpu)], false);
    return line && figuresOf(line);
  };

  it('leave gaps out', () => {
    expect(figures([10, null, 20])).toEqual({ average: 15, peak: 20 });
    expect(figures([null])).toEqual({ average: null, peak: null });
  });

  it('are written to CSV, guest by guest, with empty cells for gaps', () => {
    const [header, first, second, third] = toCsv([subject('a', [7, null]), subject('b', [8])]).split('\n');
    expect(header?.startsWith('guest,time,cpu,cpuPeak,memory')).toBe(true);
    expect(first?.startsWith('a,1970-01-01T00:00:00.000Z,7,7')).toBe(true);
    expect(second?.startsWith('a,1970-01-01T00:00:01.000Z,,')).toBe(true);
    expect(third?.startsWith('b,1970-01-01T00:00:00.000Z,8,8')).toBe(true);
  });

  it('are written to JSON with their guests', () => {
    expect(JSON.parse(toJson([subject('a', [1])])).guests[0]).toMatchObject({ guest: 'a', times: [0] });
  });
});
