import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { now } from './now.svelte.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000_000 }));
afterEach(() => {
  now.told(Date.now());
  vi.useRealTimers();
});

test('it is the time of the house, also where the clock of the window is another one', () => {
  now.told(Date.now() - 400);
  expect(now.exact).toBe(1_000_000_000);
  now.told(Date.now() + 3_600_000);
  expect(now.exact).toBe(1_003_600_000);
  expect(now.ms).toBe(1_003_600_000);
  vi.setSystemTime(1_000_005_000);
  now.told(1_003_604_900);
  expect(now.exact).toBe(1_003_605_000);
});

test('either clock may be set', () => {
  now.told(Date.now());
  vi.setSystemTime(1_000_000_000 - 3_600_000);
  now.told(1_000_001_000);
  expect(now.exact).toBe(1_000_001_000);
  vi.setSystemTime(1_000_002_000);
  now.told(1_000_002_000);
  expect(now.exact).toBe(1_000_002_000);
});
