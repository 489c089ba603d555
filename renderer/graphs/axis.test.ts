import { describe, expect, it } from 'vitest';
import { memoryAxis, percentAxis, rateAxis, roundUp, tickLabel, timeTicks, valueLabel } from './axis.ts';

const MIB = 1024 ** 2;

describe('a value axis', () => {
  it('ends at a round number at or above the highest value', () => {
    for (const [value, top] of [
      [1, 1],
      [1.05, 1.2],
      [7, 8],
      [10.5, 12],
      [99, 100],
      [101, 120],
      [0.3, 0.3],
      [2.1, 3],
    ] as const) {
      expect(roundUp(value)).toBe(top);
    }
  });

  it('shows per cent with the sign, but not at zero', () => {
    expect(percentAxis().ticks.map((tick) => tickLabel(percentAxis(), tick))).toEqual(['0', '50 %', '100 %']);
  });

  it('shows rates in the unit that fits the highest', () => {
    const axis = rateAxis(10_500_000);
    expect(axis.unit.name).toBe('MB/s');
    expect(axis.ticks.map((tick) => tickLabel(axis, tick))).toEqual(['0', '6', '12']);
    expect(valueLabel(axis, 7_900_000)).toBe('7.9');
    expect(rateAxis(3_110_000).digits).toBe(2);
    expect(rateAxis(1_900_000_000).unit.name).toBe('GB/s');
  });

  it('does not blow noise up to the full height', () => {
    const axis = rateAxis(120);
    expect(axis.max).toBe(10_000);
    expect(axis.unit.name).toBe('kB/s');
    expect(rateAxis(0).max).toBe(10_000);
  });

  it('runs up to the memory limit, with room for its line', () => {
    const axis = memoryAxis(300 * MIB, 512 * MIB);
    expect(axis.ticks.map((tick) => tickLabel(axis, tick))).toEqual(['0', '256', '512']);
    expect(axis.max).toBeGreaterThan(512 * MIB);
    expect(axis.max).toBeLessThan(600 * MIB);
  });

  it('makes room for memory above a limit that is not enforced', () => {
    const axis = memoryAxis(900 * MIB, 512 * MIB);
    expect(axis.max).toBeGreaterThanOrEqual(900 * MIB);
  });

  it('shows memory without a limit', () => {
    const axis = memoryAxis(5 * MIB, null);
    expect(axis.unit.name).toBe('MiB');
    expect(axis.max).toBe(5 * MIB);
    expect(memoryAxis(3000 * MIB, null).unit.name).toBe('GiB');
  });
});

describe('a time axis', () => {
  const at = (hour: number, minute: number, day = 5) => new Date(2026, 10, day, hour, minute).getTime();

  it('stands on round local times', () => {
    const { times, days } = timeTicks(at(14, 27) + 40_000, at(14, 32) + 40_000, 6);
    expect(days).toBe(false);
    expect(times).toEqual([at(14, 28), at(14, 29), at(14, 30), at(14, 31), at(14, 32)]);
  });

  it('never shows more than fit', () => {
    for (const seconds of [300, 3600, 86_400, 604_800, 2_592_000]) {
      for (const most of [2, 4, 7]) {
        const { times } = timeTicks(at(3, 7) - seconds * 1000, at(3, 7), most);
        expect(times.length).toBeLessThanOrEqual(most + 1);
        expect(times.length).toBeGreaterThan(0);
      }
    }
  });

  it('shows days on long ranges, at local midnight', () => {
    const { times, days } = timeTicks(at(9, 30, 1), at(9, 30, 8), 8);
    expect(days).toBe(true);
    expect(times).toHaveLength(7);
    for (const time of times) expect(new Date(time).getHours()).toBe(0);
  });
});
