import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMetrics, type Metrics, type SampleTarget } from './index.ts';

const log = { info() {}, warn() {}, error() {} };
let folder: string;
let running: SampleTarget[];
let metrics: Metrics;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'guesthouse-now-'));
  running = [];
  metrics = createMetrics({
    paths: { historyDb: join(folder, 'history.db') },
    log,
    targets: () => running,
    traffic: async () => new Map(),
  });
});
afterEach(async () => {
  await metrics.close();
  rmSync(folder, { recursive: true });
});

const guest = (id: string, cpuNs: () => number | null): SampleTarget => ({
  ...{ id, cpus: 1, memoryLimitBytes: null },
  read: () => ({ cpuNs: cpuNs(), memoryBytes: 1, diskReadBytes: null, diskWriteBytes: null }),
});

test('a guest that started a moment ago is read twice before figures of it are told', async () => {
  metrics.start();
  await metrics.now();
  running = [guest('aaaaaaaaaaaa', () => 7)];
  const { samples } = await metrics.now(['aaaaaaaaaaaa', 'bbbbbbbbbbbb']);
  expect(samples).toMatchObject([{ id: 'aaaaaaaaaaaa', cpuPercent: 0, memoryBytes: 1 }]);
});

test('one whose processor cannot be read holds nobody up for good', async () => {
  metrics.start();
  await metrics.now();
  running = [guest('aaaaaaaaaaaa', () => null)];
  const { samples } = await metrics.now(['aaaaaaaaaaaa']);
  expect(samples).toMatchObject([{ cpuPercent: null, memoryBytes: 1 }]);
});
