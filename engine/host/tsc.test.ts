import { expect, test } from 'vitest';
import { measureTscKhz } from './tsc.ts';

test.runIf(process.arch === 'x64')('two measurements agree, and are a processor’s', async () => {
  const first = (await measureTscKhz()) as number;
  const second = (await measureTscKhz()) as number;
  expect(first).toBeGreaterThan(500_000);
  expect(first).toBeLessThan(10_000_000);
  expect(Math.abs(first - second) / first).toBeLessThan(0.01);
});
