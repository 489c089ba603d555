import { expect, test } from 'vitest';
import type { GuestSpec } from '../contract/guest.ts';
import { RUN_DEFAULTS } from './run-defaults.ts';
import { validateLife } from './validate-life.ts';

const health = { command: ['ok'], intervalMs: 30_000, timeoutMs: 30_000, startPeriodMs: 0, retries: 3 };
const problems = (change: Partial<GuestSpec>) => {
  const found: string[] = [];
  validateLife({ ...RUN_DEFAULTS, ...change } as GuestSpec, (field, { code }) => found.push(`${field} ${code}`));
  return found;
};

test.each<[Partial<GuestSpec>, string[]]>([
  [{}, []],
  [{ restart: { when: 'on-failure', maxRetries: 0 } }, []],
  [{ restart: { when: 'on-failure', maxRetries: -1 } }, ['restart invalid']],
  [{ restart: { when: 'on-failure', maxRetries: 1.5 } }, ['restart invalid']],
  [{ restart: { when: 'always', maxRetries: 3 } }, ['restart invalid']],
  [{ restart: { when: 'always', maxRetries: null }, disposable: true }, ['disposable invalid']],
  [{ stopGraceMs: 0 }, []],
  [{ stopGraceMs: -1 }, ['stopGraceMs invalid']],
  [{ stopGraceMs: Number.NaN }, ['stopGraceMs invalid']],
  [{ stopGraceMs: 3_600_001 }, ['stopGraceMs invalid']],
  [{ health }, []],
  [{ health: { ...health, command: [], retries: -5 } }, []],
  [{ health: { ...health, command: [''] } }, ['health.command invalid']],
  [{ health: { ...health, command: ['a', 'b\0'] } }, ['health.command invalid']],
  // A timer of more than 2^31 ms would fire at once, and for ever.
  [{ health: { ...health, intervalMs: 2 ** 31 } }, ['health.intervalMs invalid']],
  [{ health: { ...health, intervalMs: 10 } }, ['health.intervalMs invalid']],
  [{ health: { ...health, timeoutMs: 0 } }, ['health.timeoutMs invalid']],
  [{ health: { ...health, startPeriodMs: -1 } }, ['health.startPeriodMs invalid']],
  [{ health: { ...health, retries: 0 } }, ['health.retries invalid']],
])('%j', (change, expected) => {
  expect(problems(change)).toEqual(expected);
});
