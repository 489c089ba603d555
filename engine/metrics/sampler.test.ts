import { expect, test, vi } from 'vitest';
import type { Counters } from '../drivers/driver.ts';
import type { HostCounters } from './host.ts';
import type { Reading } from './rates.ts';
import { createSampler, type SampleTarget } from './sampler.ts';

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
  const quick = { id: 'quick', cpus: 1, memoryLimitBytes: 10, read: async () => counters(cpuNs) };
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

test('a sick guest delays nobody, is not asked twice, and is measured again once it answers', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  let answer: (value: Counters) => void = () => {};
  let asked = 0;
  const sick: SampleTarget = {
    id: 'sick',
    cpus: 1,
    memoryLimitBytes: null,
    read: () => {
      asked++;
      return new Promise<Counters>((resolve) => {
        answer = resolve;
      });
    },
  };
  const broken: SampleTarget = { ...sick, id: 'broken', read: () => Promise.reject(new Error('no')) };
  const quick: SampleTarget = { ...sick, id: 'quick', read: async () => counters(1) };
  const { sampler, advance } = setUp([sick, broken, quick]);
  const first = sampler.pass();
  await vi.advanceTimersByTimeAsync(500);
  expect((await first).samples.map(({ memoryBytes }) => memoryBytes)).toEqual([5, null, null, 1]);
  advance(1000);
  await sampler.pass();
  expect(asked).toBe(1);
  answer(counters(1));
  await Promise.resolve();
  advance(1000);
  const third = sampler.pass();
  answer(counters(1));
  expect((await third).samples[1]).toMatchObject({ id: 'sick', memoryBytes: 1 });
  expect(asked).toBe(2);
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
