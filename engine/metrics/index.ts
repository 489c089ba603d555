/** Measuring: a sampler once a second, its history, and what callers and windows ask of both. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { History, HistoryQuery, Ranking, RankingQuery, SampleFrame } from '../contract/metrics.ts';
import type { Log } from '../host/log.ts';
import type { Paths } from '../host/paths.ts';
import { openHistory } from './history.ts';
import { openHost } from './host.ts';
import { type RankingMember, rank } from './ranking.ts';
import { createSampler, type SamplerOptions, type SampleTarget } from './sampler.ts';

export type { SampleTarget };

export interface MetricsOptions extends Pick<SamplerOptions, 'targets' | 'traffic'> {
  readonly paths: Pick<Paths, 'historyDb'>;
  readonly log: Log;
}

export interface Metrics {
  /** Measures every second and keeps history from now on. */
  start(): void;
  /** Called once a second. Measures while somebody listens, also without `start`. Returns what ends it. */
  subscribe(onFrame: (frame: SampleFrame) => void): () => void;
  /**
   * The newest figures, of these guests (or `host`) only when ids are given. Takes half a second when not started, and up
   * to three seconds when one of these guests started a moment ago: what it uses is the difference of two readings.
   */
  now(ids?: readonly string[]): Promise<SampleFrame>;
  history(query: HistoryQuery): History;
  ranking(query: RankingQuery, members: readonly RankingMember[]): Promise<Ranking>;
  forget(id: string): void;
  close(): Promise<void>;
}

/** A frame this old (ms) is not `now`. */
const FRESH_MS = 2000;

/** Between the two readings of one who asks once (ms): long enough for counters kept in ticks of 10 ms. */
const ONCE_APART_MS = 500;

/** Three passes on a busy host (ms). */
const MEASURED_MS = 5000;

export function createMetrics({ paths, log, targets, traffic }: MetricsOptions): Metrics {
  const host = openHost();
  const sampler = createSampler({ targets, traffic, host });
  const history = openHistory({ path: paths.historyDb, log });
  let started = false;
  let listeners = 0;

  /**
   * The first frame in which each of these guests that runs was read twice: this one or one of the next three, for a pass
   * may be under way that began before the guest.
   */
  const measured = (frame: SampleFrame, ids: readonly string[]): Promise<SampleFrame> => {
    const running = new Set<string>();
    for (const { id } of targets()) if (ids.includes(id)) running.add(id);
    const isMeasured = ({ samples }: SampleFrame) => {
      const read = samples.filter(({ id, cpuPercent }) => running.has(id) && cpuPercent !== null);
      return read.length === running.size;
    };
    if (isMeasured(frame)) return Promise.resolve(frame);
    return new Promise((resolve) => {
      let left = 3;
      let newest = frame;
      const finish = () => {
        clearTimeout(deadline);
        end();
        resolve(newest);
      };
      const deadline = setTimeout(finish, MEASURED_MS);
      const end = sampler.subscribe((next) => {
        newest = next;
        left--;
        if (left === 0 || isMeasured(next)) finish();
      });
    });
  };

  return {
    start() {
      if (started) return;
      started = true;
      sampler.subscribe((frame) => history.record(frame));
      sampler.start();
    },
    subscribe(onFrame) {
      const end = sampler.subscribe(onFrame);
      listeners++;
      sampler.start();
      let open = true;
      return () => {
        if (!open) return;
        open = false;
        end();
        if (--listeners === 0 && !started) sampler.stop();
      };
    },
    async now(ids) {
      let frame = sampler.latest;
      if (frame === null || Math.abs(Date.now() - frame.at) > FRESH_MS) {
        await sampler.pass();
        await sleep(ONCE_APART_MS);
        frame = await sampler.pass();
      } else if (ids) frame = await measured(frame, ids);
      return ids ? { ...frame, samples: frame.samples.filter(({ id }) => ids.includes(id)) } : frame;
    },
    history: (query) => {
      const limit = [...targets()].find(({ id }) => id === query.id)?.memoryLimitBytes;
      return history.query(query, query.id === 'host' ? host.memoryTotalBytes : (limit ?? null));
    },
    ranking: (query, members) => rank(history, query, members),
    forget: (id) => history.forget(id),
    async close() {
      sampler.stop();
      history.close();
      host.close();
    },
  };
}
