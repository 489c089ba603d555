import { expect, test } from 'vitest';
import { type Reading, toSample } from './rates.ts';

const subject = { id: 'aaaaaaaaaaaa', cpus: 2, memoryLimitBytes: 1000 };
const reading = (atMs: number, counters: Partial<Reading> = {}): Reading => ({
  atMs,
  cpuNs: 0,
  memoryBytes: 500,
  diskReadBytes: 0,
  diskWriteBytes: 0,
  netInBytes: 0,
  netOutBytes: 0,
  ...counters,
});

test('two readings become figures per second, of its own processors', () => {
  const after = reading(3000, { cpuNs: 2e9, diskReadBytes: 2000, netOutBytes: 10 });
  expect(toSample(subject, reading(1000), after)).toEqual({
    id: 'aaaaaaaaaaaa',
    cpuPercent: 50,
    memoryBytes: 500,
    memoryLimitBytes: 1000,
    diskReadBps: 1000,
    diskWriteBps: 0,
    netInBps: 0,
    netOutBps: 5,
  });
});

test('never more than all of its processors', () => {
  expect(toSample(subject, reading(0), reading(1000, { cpuNs: 9e9 })).cpuPercent).toBe(100);
  expect(toSample({ ...subject, cpus: 0.5 }, reading(0), reading(1000, { cpuNs: 25e7 })).cpuPercent).toBe(50);
});

test('what cannot be said is null', () => {
  const after = reading(1000, { cpuNs: 5 });
  for (const [before, now] of [
    [null, after],
    [reading(0), null],
    [reading(1000), after],
    [reading(2000), after],
    [reading(990), after],
    [reading(-60_000), after],
    [reading(0, { cpuNs: 6 }), after],
    [reading(0, { cpuNs: null }), after],
  ] as const)
    expect(toSample(subject, before, now).cpuPercent).toBeNull();
  expect(toSample(subject, null, null).memoryBytes).toBeNull();
  expect(toSample(subject, null, after).memoryBytes).toBe(500);
});
