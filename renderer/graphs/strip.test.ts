import { describe, expect, it } from 'vitest';
import { type Frame, gapsOf, nearest, runsOf, yOf } from './strip.ts';

const frame: Frame = { width: 100, height: 52, from: 0, to: 100_000, max: 50 };
const seconds = (n: number) => Array.from({ length: n }, (_, i) => i * 1000);

describe('lines', () => {
  it('puts zero at the bottom and the maximum at the top, inside the strip', () => {
    expect(yOf(frame, 0)).toBe(51);
    expect(yOf(frame, 50)).toBe(1);
    expect(yOf(frame, 500)).toBe(1);
  });

  it('breaks at a missing value and at a silence', () => {
    const values = [1, 2, null, 3, 4];
    expect(runsOf(seconds(5), values, 1000, frame)).toHaveLength(2);
    expect(runsOf([0, 1000, 9000, 10_000], [1, 1, 1, 1], 1000, frame)).toHaveLength(2);
    expect(runsOf([0, 1000, 4000], [1, 1, 1], 1000, frame)).toHaveLength(1);
  });

  it('keeps every peak and no more than four points a column', () => {
    const times = Array.from({ length: 20_000 }, (_, i) => i * 5);
    const values = times.map((_, i) => (i === 12_345 ? 50 : i % 7));
    const [run = [], ...more] = runsOf(times, values, 5, frame);
    expect(more).toEqual([]);
    expect(run.length / 2).toBeLessThanOrEqual(4 * (frame.width + 1));
    const ys = run.filter((_, i) => i % 2 === 1);
    expect(Math.min(...ys)).toBe(yOf(frame, 50));
    const xs = run.filter((_, i) => i % 2 === 0);
    expect(xs).toEqual([...xs].sort((a, b) => a - b));
  });

  it('leaves few samples where they are', () => {
    const [run] = runsOf([0, 1500], [0, 0], 1500, { ...frame, width: 99 });
    expect(run?.[2]).toBeCloseTo(1.485);
  });
});

describe('gaps', () => {
  it('are what no line knows', () => {
    const times = seconds(101);
    const first = times.map((_, i) => (i >= 40 && i < 50 ? null : 1));
    const second = times.map((_, i) => (i >= 40 && i < 45 ? null : 1));
    expect(gapsOf(times, [first], 1000, frame)).toEqual([[39.5, 49.5]]);
    expect(gapsOf(times, [first, second], 1000, frame)).toEqual([[39.5, 44.5]]);
  });

  it('include the time before the first and after the last sample', () => {
    expect(gapsOf([50_000, 51_000], [[1, 1]], 1000, frame)).toEqual([
      [0, 49.5],
      [51.5, 100],
    ]);
    expect(gapsOf([], [[]], 1000, frame)).toEqual([[0, 100]]);
  });
});

describe('the cursor', () => {
  it('snaps to the nearest sample', () => {
    const times = [0, 1000, 2000, 9000];
    expect([-5, 400, 600, 5000, 6000, 99_000].map((time) => nearest(times, time))).toEqual([0, 0, 1, 2, 3, 3]);
    expect(nearest([], 5)).toBe(-1);
  });
});
