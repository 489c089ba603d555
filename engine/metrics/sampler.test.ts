import { expect, test, vi } from 'vitest';
import type { Counters } from '../drivers/driver.ts';
import type { HostCounters } from './host.ts';
import type { Reading } from './rates.ts';
import { createSampler, type GuestTraffic, type SampleTarget } from './sampler.ts';

const counters = (cpuNs: number): Counters => ({ cpuNs, memoryBytes: 1, diskReadBytes: null, diskWriteBytes: null });
const host: HostCounters = {
  cpus: 2,
  memoryTotalBytes: 100,
  read: (atMs): Reading => ({
    atMs,
    cpuNs: atMs * 1e6,
    memoryBytes: 5,
    diskReadBytes: 0,
    diskWriteBytes: 0,
    netInBytes: 0,
    netOutBytes: 0,
  }),
  close() {},
};

function setUp(targets: SampleTarget[]) {
  let clockMs = 0;
  const sampler = createSampler({
    targets: () => targets,
    traffic: async () => new Map([['quick', { inBytes: clockMs, outBytes: 0 }]]),
    host,
    now: () => clockMs,
    wallClock: () => 1_800_000_000_000 + clockMs,
  });
  return { sampler, advance: (ms: number) => (clockMs += ms) };
}

test('a frame has the host first, then every guest with its traffic', async () => {
  let cpuNs = 0;
  const quick = { id: 'quick', cpus: 1, memoryLimitBytes: 10, read: () => counters(cpuNs) };
  const { sampler, advance } = setUp([quick]);
  await sampler.pass();
  advance(1000);
  cpuNs += 25e7;
  const frame = await sampler.pass();
  expect(frame.at).toBe(1_800_000_001_000);
  expect(frame.samples).toMatchObject([
    { id: 'host', cpuPercent: 50, memoryLimitBytes: 100 },
    { id: 'quick', cpuPercent: 25, netInBps: 1000, diskReadBps: null },
  ]);
  expect(frame.costPercent).toBeGreaterThan(0);
});

test('a guest that cannot be read is left out; a house that is late delays nobody and is not asked twice', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  let answer: (value: ReadonlyMap<string, GuestTraffic>) => void = () => {};
  let asked = 0;
  const subject = { cpus: 1, memoryLimitBytes: null };
  const broken: SampleTarget = {
    ...subject,
    id: 'broken',
    read: () => {
      throw new Error('no');
    },
  };
  const targets = [
    broken,
    { ...subject, id: 'gone', read: () => null },
    { ...subject, id: 'quick', read: () => counters(1) },
  ];
  let clockMs = 0;
  const sampler = createSampler({
    targets: () => targets,
    traffic: () => {
      asked++;
      return new Promise((resolve) => {
        answer = resolve;
      });
    },
    host,
    now: () => clockMs,
  });
  const first = sampler.pass();
  await vi.advanceTimersByTimeAsync(500);
  expect((await first).samples.map(({ memoryBytes }) => memoryBytes)).toEqual([5, null, null, 1]);
  clockMs += 1000;
  expect((await sampler.pass()).samples[3]).toMatchObject({ id: 'quick', netInBps: null });
  expect(asked).toBe(1);
  answer(new Map());
  await Promise.resolve();
  for (const inBytes of [100, 1100]) {
    clockMs += 1000;
    const pass = sampler.pass();
    answer(new Map([['quick', { inBytes, outBytes: 0 }]]));
    await pass;
  }
  expect(sampler.latest?.samples[3]).toMatchObject({ id: 'quick', memoryBytes: 1, netInBps: 1000 });
  expect(asked).toBe(3);
  vi.useRealTimers();
});

test('it ticks on a fixed grid, and stops', async () => {
  const ticks: number[] = [];
  const sampler = createSampler({ targets: () => [], traffic: async () => new Map(), host, intervalMs: 20 });
  sampler.subscribe(({ at }) => ticks.push(at));
  sampler.start();
  await new Promise((done) => setTimeout(done, 210));
  sampler.stop();
  const count = ticks.length;
  expect(count).toBeGreaterThan(4);
  expect(count).toBeLessThanOrEqual(12);
  await new Promise((done) => setTimeout(done, 50));
  expect(ticks.length).toBe(count);
});
