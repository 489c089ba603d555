import { expect, test } from 'vitest';
import { moved, selected, zoomed } from './span.ts';

const NOW = 1_000_000_000_000;
const hour = { from: NOW - 3_600_000, to: NOW };

test('zooming keeps the moment under the pointer in its place', () => {
  const at = NOW - 900_000;
  const near = zoomed(hour, 0.5, at, NOW);
  expect(near.to - near.from).toBe(1_800_000);
  expect((at - near.from) / (near.to - near.from)).toBeCloseTo(0.75);
  expect(zoomed(hour, 1e-9, at, NOW).to - zoomed(hour, 1e-9, at, NOW).from).toBe(20_000);
  expect(zoomed(hour, 1e9, at, NOW).to).toBe(NOW);
});

test('moving ends at the present, and where history ends', () => {
  expect(moved(hour, -0.5, NOW)).toEqual({ from: NOW - 5_400_000, to: NOW - 1_800_000 });
  expect(moved(hour, 3, NOW)).toEqual(hour);
  expect(moved(hour, -1e6, NOW).from).toBe(NOW - 31 * 86_400_000);
});

test('a drawn stretch holds either way round, and is never too short', () => {
  expect(selected(NOW - 1000, NOW - 60_000, NOW)).toEqual({ from: NOW - 60_000, to: NOW - 1000 });
  const short = selected(NOW - 50_000, NOW - 50_000, NOW);
  expect(short.to - short.from).toBe(20_000);
});
