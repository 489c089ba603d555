/**
 * What graphs show: the last ten minutes by the second from memory, everything older from `history.db`, coarser with
 * age (`tiers.ts`). Written every ten seconds in one transaction, so a `kill -9` costs ten seconds at most. Tiers are put
 * together once a minute from finer rows already on disk, so an end at any moment leaves nothing half-averaged.
 */
import { type History, type HistoryQuery, type SampleFrame, SERIES, type SeriesName } from '../contract/metrics.ts';
import type { Log } from '../host/log.ts';
import { createHistoryFile, type Row, type Tables } from './historyfile.ts';
import { createSeconds, SECONDS_KEPT, type Seconds, WIDTH } from './seconds.ts';
import { combine, floorTo, type Point, secondPoint, TIERS } from './tiers.ts';

/** One transaction per this many seconds; also the finest tier on disk. */
const FLUSH_SECONDS = 10;
const FLUSH_MS = FLUSH_SECONDS * 1000;

/** Tiers are put together this often (ms): each guest's part of the file is written then. A part of what memory holds. */
const ROLL_MS = 60_000;

/** Flushes between two prunings: a tier holds at most this many rows too many. */
const PRUNE_EVERY = 60;

/** A clock before this was never set; what it calls the future may be the present. */
const CLOCK_IS_SET_MS = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

export interface HistoryStore {
  /** Once a second, with every frame. */
  record(frame: SampleFrame): void;
  /** `memoryLimitBytes`: what to say for a guest that did not run since this engine started. */
  query(query: HistoryQuery, memoryLimitBytes?: number | null): History;
  /** Averages and peaks of some series alone. */
  some(query: HistoryQuery, series: readonly SeriesName[]): Pick<History, 'stepMs' | 'times' | 'average' | 'peak'>;
  /** The guest was removed. */
  forget(id: string): void;
  /** Writes what is not yet written. */
  flush(): void;
  close(): void;
}

export interface HistoryOptions {
  readonly path: string;
  readonly log: Log;
  readonly wallClock?: () => number;
}

/** Nothing is opened before the first frame or query, so a short CLI call does not pay for it. */
export function openHistory({ path, log, wallClock = Date.now }: HistoryOptions): HistoryStore {
  const file = createHistoryFile(path, log);
  const live = new Map<string, Seconds>();
  const limits = new Map<string, number | null>();
  let loaded = false;
  let slot: number | null = null;
  let flushes = 0;

  /** The seconds an earlier engine wrote. */
  const load = () => {
    if (loaded) return;
    loaded = true;
    const from = floorTo(wallClock() - SECONDS_KEPT * 1000, FLUSH_MS);
    file.attempt((tables) => {
      const ids = new Map(tables.guests().map(({ n, id }) => [n, id]));
      for (const row of tables.seconds(from, Number.MAX_SAFE_INTEGER)) {
        const id = ids.get(row.guest);
        if (id !== undefined) for (const [second, values] of secondsIn(row)) secondsOf(id).putValues(second, values);
      }
      // What an engine that is gone had not come to. Since it went more time may have passed than a finer tier reaches
      // back, so first as far as it came, and then to the end of that hour.
      const last = tables.newestSeconds();
      const now = floorTo(wallClock(), FLUSH_MS);
      if (last !== null)
        for (const step of [ROLL_MS, HOUR_MS]) rollUp(tables, Math.min(now, floorTo(last, step) + step));
    });
  };

  const secondsOf = (id: string): Seconds => {
    let seconds = live.get(id);
    if (!seconds) {
      seconds = createSeconds();
      live.set(id, seconds);
    }
    return seconds;
  };

  /** Writes the ten seconds from `start` (ms) on, and whatever became whole by them. `next`: where the clock went on. */
  const writeSlot = (start: number, next = start + FLUSH_MS) => {
    file.attempt((tables) => {
      for (const [id, seconds] of live) {
        const chunk = new Float32Array(FLUSH_SECONDS * WIDTH).fill(Number.NaN);
        let known = false;
        for (let index = 0; index < FLUSH_SECONDS; index++) {
          const values = seconds.get(start / 1000 + index);
          if (!values) continue;
          chunk.set(values, index * WIDTH);
          known ||= values.some((value) => !Number.isNaN(value));
        }
        if (known) tables.putSeconds(start, tables.guest(id), bytes(chunk));
      }
      // Of a time that is left for another, by a clock that was set or a host that slept, nothing is put together later.
      const isLeft = next < start || next - start > ROLL_MS;
      rollUp(tables, start + FLUSH_MS, isLeft ? FLUSH_MS : ROLL_MS);
      if (flushes++ % PRUNE_EVERY === 0) prune(tables);
    });
  };

  /** Puts together every step of the tiers that ended by `until`, at whole `everyMs`, and was not put together yet. */
  const rollUp = (tables: Tables, until: number, everyMs = ROLL_MS) => {
    rollSeconds(tables, until, everyMs);
    for (const [index, tier] of TIERS.entries()) {
      if (index === 0) continue;
      const finer = TIERS[index - 1] as (typeof TIERS)[number];
      const stretch = unrolled(tables, index + 1, until, finer, Math.max(tier.stepMs, everyMs));
      if (stretch === null) continue;
      const { from, whole } = stretch;
      for (const { n } of tables.guests()) {
        const groups = new Map<number, Pick<Point, 'stepMs' | 'values'>[]>();
        for (const row of tables.rows(n, index, from, whole)) {
          const at = floorTo(row.at, tier.stepMs);
          const group = groups.get(at) ?? [];
          group.push({ stepMs: finer.stepMs, values: widen(floats(row.data), 2) });
          groups.set(at, group);
        }
        for (const [at, group] of groups) {
          const point = combine(group);
          if (point) tables.put(n, index + 1, at, bytes(point));
        }
      }
      tables.setRolled(index + 1, whole);
    }
  };

  /** The first tier, from single seconds. */
  const rollSeconds = (tables: Tables, until: number, everyMs: number) => {
    const stretch = unrolled(tables, 1, until, { stepMs: FLUSH_MS, kept: SECONDS_KEPT / FLUSH_SECONDS }, everyMs);
    if (stretch === null) return;
    const { from, whole } = stretch;
    const byGuest = new Map<number, { at: number; point: Float32Array }[]>();
    for (const row of tables.seconds(from, whole)) {
      const point = combine(secondsIn(row).map(([second, values]) => secondPoint(second, values)));
      if (!point) continue;
      const points = byGuest.get(row.guest);
      if (points) points.push({ at: row.at, point });
      else byGuest.set(row.guest, [{ at: row.at, point }]);
    }
    for (const [guest, points] of byGuest) for (const { at, point } of points) tables.put(guest, 1, at, bytes(point));
    tables.setRolled(1, whole);
  };

  const prune = (tables: Tables) => {
    const now = wallClock();
    if (now > CLOCK_IS_SET_MS) tables.removeAfter(now + DAY_MS);
    tables.pruneSeconds(SECONDS_KEPT / FLUSH_SECONDS);
    for (const { n } of tables.guests()) {
      for (const [index, { kept }] of TIERS.entries()) tables.prune(n, index + 1, kept);
    }
  };

  /** Points of all tiers over a stretch of time: the coarse one as far as it goes, finer ones after it. */
  const collect = (id: string, from: number, to: number, wanted: number): Point[] => {
    const points: Point[] = [];
    let start = from;
    file.attempt((tables) => {
      const guest = tables.guests().find((entry) => entry.id === id)?.n;
      if (guest === undefined) return;
      for (let tier = wanted; tier >= 1; tier--) {
        const { stepMs } = TIERS[tier - 1] as (typeof TIERS)[number];
        const rows = tables.rows(guest, tier, floorTo(start, stepMs), to);
        for (const row of rows) points.push({ at: row.at, stepMs, values: widen(floats(row.data), 2) });
        const rolledTo = tier === 1 ? (rows.at(-1)?.at ?? start - stepMs) + stepMs : (tables.rolled(tier) ?? start);
        start = Math.max(start, rolledTo);
      }
    });
    const seconds = live.get(id);
    // The step that is asked for last may end long after this moment.
    const first = Math.ceil(Math.max(start, Math.min(to, wallClock()) - SECONDS_KEPT * 1000) / 1000);
    for (let second = first; seconds && second * 1000 < to; second++) {
      const values = seconds.get(second);
      if (values) points.push(secondPoint(second, values));
    }
    return points;
  };

  const flush = () => {
    if (slot !== null) writeSlot(slot);
  };

  const some: HistoryStore['some'] = ({ id, rangeSeconds, points: wished, until }, series) => {
    load();
    const rangeMs = Math.max(1, rangeSeconds) * 1000;
    const count = Math.max(1, Math.min(2000, Math.floor(wished)));
    const clock = wallClock();
    const wantedEnd = until === undefined ? clock : Math.min(until, clock);
    // Tier 0 is memory; the finest tier that reaches back far enough.
    const backMs = clock - wantedEnd + rangeMs;
    const reaching = TIERS.findIndex(({ stepMs, kept }) => stepMs * kept >= backMs);
    const tier = backMs <= SECONDS_KEPT * 1000 ? 0 : (reaching === -1 ? TIERS.length - 1 : reaching) + 1;
    const tierStepMs = tier === 0 ? 1000 : (TIERS[tier - 1] as (typeof TIERS)[number]).stepMs;
    const stepMs = Math.ceil(rangeMs / count / tierStepMs) * tierStepMs;
    const size = Math.max(1, Math.min(count, Math.round(rangeMs / stepMs)));
    // The last point is the step that holds this moment, or the last whole second.
    const to = tier === 0 ? floorTo(wantedEnd, 1000) : wantedEnd;
    const end = floorTo(to, stepMs) + (to % stepMs === 0 && tier === 0 ? 0 : stepMs);
    const from = end - size * stepMs;
    const buckets: Point[][] = Array.from({ length: size }, () => []);
    for (const point of collect(id, from, end, tier)) {
      buckets[Math.floor((Math.max(point.at, from) - from) / stepMs)]?.push(point);
    }
    const values = buckets.map(combine);
    const lists = (offset: number) =>
      Object.fromEntries(
        series.map((name) => {
          const index = offset + SERIES.indexOf(name);
          return [name, values.map((point) => orNull(point?.[index]))];
        }),
      ) as Record<SeriesName, (number | null)[]>;
    return {
      stepMs,
      times: buckets.map((_, index) => from + index * stepMs),
      average: lists(0),
      peak: lists(WIDTH),
    };
  };

  return {
    record(frame) {
      load();
      const now = floorTo(frame.at, FLUSH_MS);
      if (slot !== null && now !== slot) writeSlot(slot, now);
      slot = now;
      for (const sample of frame.samples) {
        limits.set(sample.id, sample.memoryLimitBytes);
        secondsOf(sample.id).put(Math.floor(frame.at / 1000), sample);
      }
    },

    query: (query, memoryLimitBytes = null) => ({
      id: query.id,
      ...some(query, SERIES),
      memoryLimitBytes: limits.get(query.id) ?? memoryLimitBytes,
    }),
    some,

    forget(id) {
      live.delete(id);
      limits.delete(id);
      file.attempt((tables) => tables.forget(id));
    },
    flush,
    close() {
      flush();
      file.close();
    },
  };
}

/**
 * From where to where a tier is to be put together; null: nowhere. Never further back than the finer one reaches; and a
 * clock that was set back starts again from there.
 */
function unrolled(
  tables: Tables,
  tier: number,
  until: number,
  finer: (typeof TIERS)[number],
  everyMs: number,
): { from: number; whole: number } | null {
  const whole = floorTo(until, everyMs);
  const known = tables.rolled(tier);
  let from = Math.max(known ?? 0, floorTo(whole - finer.kept * finer.stepMs, everyMs));
  if (from > whole) from = whole - everyMs;
  return from >= whole && known === whole ? null : { from, whole };
}

/** Seconds since the epoch of which anything is known, and their values. */
function secondsIn(row: Row): [number, Float32Array][] {
  const values = widen(floats(row.data), FLUSH_SECONDS);
  return Array.from({ length: FLUSH_SECONDS }, (_, index): [number, Float32Array] => [
    row.at / 1000 + index,
    values.subarray(index * WIDTH, (index + 1) * WIDTH),
  ]).filter(([, second]) => second.some((value) => !Number.isNaN(value)));
}

function orNull(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}

function bytes(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** A copy: a blob need not lie at a multiple of four. */
function floats(data: Uint8Array): Float32Array {
  return new Float32Array(Uint8Array.from(data).buffer);
}

/** `blocks` blocks of all series, from a row that may be of a time with fewer of them. */
function widen(values: Float32Array, blocks: number): Float32Array {
  if (values.length === blocks * WIDTH) return values;
  const width = Math.min(WIDTH, Math.floor(values.length / blocks));
  const had = Math.floor(values.length / blocks);
  const wide = new Float32Array(blocks * WIDTH).fill(Number.NaN);
  for (let block = 0; block < blocks; block++)
    wide.set(values.subarray(block * had, block * had + width), block * WIDTH);
  return wide;
}
