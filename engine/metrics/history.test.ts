import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openHistory } from './history.ts';
import { WIDTH } from './seconds.ts';
import { combine, secondPoint } from './tiers.ts';

/** Tens of thousands of transactions, on a machine that does other things as well. */
const PATIENCE_MS = 240_000;
const START = Date.UTC(2027, 0, 1);
const ID = 'aaaaaaaaaaaa';
const log = { lines: [] as string[], info() {}, warn: (line: string) => void log.lines.push(line), error() {} };
let folder: string;
let path: string;
let now: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'guesthouse-history-'));
  path = join(folder, 'history.db');
  now = START;
  log.lines = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = () => openHistory({ path, log, wallClock: () => now });
type Store = ReturnType<typeof open>;

const frame = (cpuPercent: number | null, ids: readonly string[] = [ID]) => ({
  at: now,
  costPercent: 0,
  samples: ids.map((id) => ({
    id,
    cpuPercent,
    memoryBytes: 1e9,
    memoryLimitBytes: 2e9,
    diskReadBps: 10,
    diskWriteBps: null,
    netInBps: 0,
    netOutBps: 1,
  })),
});

function record(
  store: Store,
  seconds: number,
  cpu: (second: number) => number | null,
  stepSeconds = 1,
  ids?: string[],
) {
  for (let second = 0; second < seconds; second += stepSeconds) {
    store.record(frame(cpu(second), ids));
    now += stepSeconds * 1000;
  }
}

describe('seconds', () => {
  test('the last minutes by the second; gaps stay gaps', () => {
    const store = open();
    record(store, 60, (second) => second);
    now += 30_000;
    record(store, 10, () => 7);
    const history = store.query({ id: ID, rangeSeconds: 100, points: 100 });
    expect(history.stepMs).toBe(1000);
    expect(history.times[0]).toBe(START);
    expect(history.average.cpu).toEqual([
      ...Array.from({ length: 60 }, (_, second) => second),
      ...Array(30).fill(null),
      ...Array(10).fill(7),
    ]);
    expect(history.average.diskWrite.every((value) => value === null)).toBe(true);
    expect(history.average.memory[5]).toBeCloseTo(1e9, -2);
    expect(history.memoryLimitBytes).toBe(2e9);
  });

  test('are there in every range at once, before anything is on disk, early in its last step too', () => {
    const store = open();
    record(store, 5, () => 42);
    for (const days of [1, 7, 30]) {
      const { average, stepMs } = store.query({ id: ID, rangeSeconds: days * 86_400, points: 600 });
      expect(average.cpu.at(-1), `${days} days, steps of ${stepMs} ms`).toBe(42);
    }
  });

  test('a kill loses ten seconds at most, a restart nothing', () => {
    const killed = open();
    record(killed, 65, (second) => second);
    // No close: as after kill -9. Its lock on the file goes with it, here it holds none between transactions.
    const store = open();
    const cpu = store.query({ id: ID, rangeSeconds: 65, points: 65 }).average.cpu;
    expect(cpu.slice(0, 60)).toEqual(Array.from({ length: 60 }, (_, second) => second));
    expect(cpu.slice(60)).toEqual(Array(5).fill(null));
    record(store, 3, () => 99);
    store.close();
    const again = open();
    expect(again.query({ id: ID, rangeSeconds: 3, points: 3 }).average.cpu).toEqual([99, 99, 99]);
    // The averages on disk hold both halves of the ten seconds that were interrupted... those written at least.
    expect(again.query({ id: ID, rangeSeconds: 3600, points: 360 }).average.cpu.at(-2)).toBeCloseTo(54.5);
  });
});

describe('tiers', () => {
  test(
    'averages and peaks of an hour, a day, a week and a month, the newest part included',
    () => {
      const store = open();
      // Ten seconds per frame: every tenth of them is a peak of 100, the rest 10.
      record(store, 30 * 3600, (second) => (second % 100 === 0 ? 100 : 10), 10);
      for (const [rangeSeconds, points, stepMs] of [
        [3600, 360, 10_000],
        [86_400, 1440, 60_000],
        [604_800, 1008, 600_000],
        [2_592_000, 720, 3_600_000],
        [86_400, 100, 900_000],
      ] as const) {
        const history = store.query({ id: ID, rangeSeconds, points });
        expect(history.stepMs).toBe(stepMs);
        expect(history.times.length).toBeLessThanOrEqual(points);
        const known = history.average.cpu.filter((value) => value !== null);
        expect(known.length).toBeGreaterThanOrEqual(Math.min(history.times.length - 1, (30 * 3600_000) / stepMs) - 1);
        const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
        expect(mean).toBeGreaterThan(18);
        expect(mean).toBeLessThan(20);
        expect(Math.max(...(history.peak.cpu as number[]))).toBe(100);
        // The last whole step before now is there, however coarse.
        expect(history.average.cpu.at(-2)).not.toBeNull();
      }
      store.close();
    },
    PATIENCE_MS,
  );

  test('a guest that stopped in the middle of an hour keeps that hour', () => {
    const store = open();
    record(store, 20 * 60, () => 40, 10);
    record(store, 2 * 3600, () => 1, 10, ['host']);
    const month = store.query({ id: ID, rangeSeconds: 2_592_000, points: 720 });
    expect(month.average.cpu.filter((value) => value !== null)).toEqual([40]);
    store.close();
  });

  test('a file of a time with fewer series, and with seconds among the points, is read as well', () => {
    const store = open();
    // Whole minutes are points by then, the rest is seconds.
    record(store, 150, () => 7);
    store.close();
    const old = new DatabaseSync(path);
    old.exec(`INSERT INTO points SELECT guest, 0, at, data FROM seconds; DROP TABLE seconds`);
    old.exec('DELETE FROM rolled WHERE tier = 1');
    const rows = old.prepare('SELECT guest, tier, at, data FROM points').all() as unknown as { data: Uint8Array }[];
    const shorten = (data: Uint8Array) => {
      const floats = new Float32Array(Uint8Array.from(data).buffer);
      const kept = Array.from({ length: floats.length / WIDTH }, (_, block) => [
        ...floats.subarray(block * WIDTH, block * WIDTH + 6),
      ]);
      return new Uint8Array(Float32Array.from(kept.flat()).buffer);
    };
    const put = old.prepare('INSERT OR REPLACE INTO points VALUES (?, ?, ?, ?)');
    for (const { guest, tier, at, data } of rows as unknown as Record<'guest' | 'tier' | 'at', number>[] & typeof rows)
      put.run(guest, tier, at, shorten(data));
    old.exec('PRAGMA user_version = 1');
    old.close();
    const again = open();
    expect(
      again.query({ id: ID, rangeSeconds: 300, points: 300 }).average.cpu.filter((value) => value === 7),
    ).toHaveLength(150);
    const hour = again.query({ id: ID, rangeSeconds: 3600, points: 360 });
    expect(hour.average.cpu.filter((value) => value === 7)).toHaveLength(15);
    expect(hour.peak.netOut).toContain(1);
    expect(hour.average.processes.every((value) => value === null)).toBe(true);
    again.close();
  });

  test('what is not known weighs nothing', () => {
    const empty = new Float32Array(WIDTH).fill(Number.NaN);
    expect(combine([secondPoint(0, empty)])).toBeNull();
    const [one, three] = [1, 3].map((value) => secondPoint(0, new Float32Array(WIDTH).fill(value)));
    const both = combine([one, secondPoint(0, empty), three].filter((point) => point !== undefined));
    expect([both?.[0], both?.[WIDTH]]).toEqual([2, 3]);
  });

  test(
    'a month of two guests stays under a megabyte each',
    () => {
      const store = open();
      const ids = [ID, 'bbbbbbbbbbbb'];
      record(store, 32 * 86_400, (second) => second % 97, 600, ids);
      record(store, 27 * 3600, (second) => second % 97, 10, ids);
      record(store, 700, (second) => second % 97, 1, ids);
      store.close();
      const size = statSync(path).size;
      console.log(`history: ${Math.round(size / ids.length / 1024)} KiB per guest and month`);
      expect(size / ids.length).toBeLessThan(1e6);
      const month = open().query({ id: ID, rangeSeconds: 2_592_000, points: 720 });
      expect(month.average.cpu.filter((value) => value !== null).length).toBeGreaterThan(700);
    },
    PATIENCE_MS,
  );
});

describe('trouble', () => {
  test('a damaged file is moved aside and a new one begun', () => {
    writeFileSync(path, 'this is no database, whatever its name says '.repeat(100));
    const store = open();
    record(store, 25, () => 1);
    store.close();
    expect(readdirSync(folder).filter((name) => name.includes('damaged'))).toHaveLength(1);
    expect(open().query({ id: ID, rangeSeconds: 3600, points: 360 }).average.cpu.at(-2)).toBe(1);
  });

  test('damage found later is the same', () => {
    const store = open();
    record(store, 3600, () => 1, 10);
    store.close();
    const bytes = Buffer.alloc(statSync(path).size - 4096, 0xa5);
    const file = new Uint8Array(statSync(path).size);
    file.set(new Uint8Array(readFileSync(path)).subarray(0, 4096));
    file.set(bytes, 4096);
    writeFileSync(path, file);
    const again = open();
    record(again, 60, () => 2);
    expect(again.query({ id: ID, rangeSeconds: 60, points: 60 }).average.cpu.at(-1)).toBe(2);
    again.close();
    expect(readdirSync(folder).some((name) => name.includes('damaged'))).toBe(true);
  });

  test('a newer file is left alone; graphs live in memory', () => {
    const newer = new DatabaseSync(path);
    newer.exec('PRAGMA user_version = 99; CREATE TABLE points (other TEXT)');
    newer.close();
    const store = open();
    record(store, 30, () => 5);
    expect(store.query({ id: ID, rangeSeconds: 30, points: 30 }).average.cpu.at(-1)).toBe(5);
    store.close();
    expect(log.lines).toHaveLength(1);
    expect(readdirSync(folder)).toEqual(['history.db']);
  });

  test('a folder that cannot be written costs the graphs on disk only, and one line', () => {
    const store = openHistory({ path: join(folder, 'missing', 'history.db'), log, wallClock: () => now });
    record(store, 100, () => 5);
    expect(store.query({ id: ID, rangeSeconds: 100, points: 100 }).average.cpu.at(-1)).toBe(5);
    store.close();
    expect(log.lines).toHaveLength(1);
  });

  test('an end before a minute was whole leaves no gap, however long nobody was there', () => {
    const killed = open();
    record(killed, 3 * 60 + 40, () => 8);
    for (const [absentMs, eights] of [
      [3 * 3600_000, { 86400: 4, 604800: 1 }],
      [28 * 3600_000, { 604800: 1, 2592000: 1 }],
    ] as const) {
      now += absentMs;
      const store = open();
      record(store, 5, () => 1);
      for (const [rangeSeconds, count] of Object.entries(eights)) {
        const { average } = store.query({ id: ID, rangeSeconds: Number(rangeSeconds), points: 1440 });
        expect(average.cpu.filter((value) => value === 8)).toHaveLength(count);
      }
    }
  });

  test('a clock set back and forth keeps what is true', () => {
    const store = open();
    record(store, 3 * 3600, () => 1, 10);
    now = Date.UTC(1970, 0, 2);
    record(store, 1000, () => 2, 10);
    now = START + 3 * 3600_000;
    record(store, 3600, () => 3, 10);
    const history = store.query({ id: ID, rangeSeconds: 4 * 3600, points: 240 });
    expect(new Set(history.average.cpu.slice(0, 178))).toEqual(new Set([1]));
    expect(new Set(history.average.cpu.slice(181, 239))).toEqual(new Set([3]));
    now += 10 * 365 * 86_400_000;
    record(store, 60, () => 4, 10);
    now -= 10 * 365 * 86_400_000;
    record(store, 700, () => 5, 1);
    const after = store.query({ id: ID, rangeSeconds: 86_400, points: 1440 });
    expect(after.average.cpu.filter((value) => value === 1).length).toBeGreaterThan(170);
    expect(after.average.cpu.at(-2)).toBe(5);
    store.close();
  });

  test('the seconds before a clock was set forward, or the host slept, are there', () => {
    const store = open();
    now = START + 5_000;
    record(store, 33, () => 1);
    now += 3600_000;
    record(store, 130, () => 2);
    const { average } = store.query({ id: ID, rangeSeconds: 86_400, points: 1440 });
    expect(average.cpu.filter((value) => value === 1)).toHaveLength(1);
    expect(average.cpu.filter((value) => value === 2).length).toBeGreaterThan(1);
    store.close();
  });

  test('a guest that was removed is forgotten, also by the next that gets its number', () => {
    const store = open();
    record(store, 100, () => 1, 1, ['host', ID]);
    store.forget(ID);
    now -= 50_000;
    record(store, 15, () => null, 1, ['bbbbbbbbbbbb']);
    now += 35_000;
    store.close();
    const again = open();
    for (const id of [ID, 'bbbbbbbbbbbb'])
      expect(again.query({ id, rangeSeconds: 100, points: 10 }).average.cpu).toEqual(Array(10).fill(null));
    again.close();
  });

  test('a guest that was removed leaves the others', () => {
    const store = open();
    record(store, 100, () => 1, 1, [ID, 'host']);
    store.forget(ID);
    expect(store.query({ id: ID, rangeSeconds: 100, points: 10 }).average.cpu).toEqual(Array(10).fill(null));
    expect(store.query({ id: 'host', rangeSeconds: 100, points: 10 }).average.cpu).toEqual(Array(10).fill(1));
    store.close();
    expect(existsSync(path)).toBe(true);
  });
});
