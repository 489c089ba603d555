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
  /** The newest figures, of these guests (or `host`) only when ids are given. Takes half a second when not started. */
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

export function createMetrics({ paths, log, targets, traffic }: MetricsOptions): Metrics {
  const host = openHost();
  const sampler = createSampler({ targets, traffic, host });
  const history = openHistory({ path: paths.historyDb, log });
  let started = false;
  let listeners = 0;

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
      }
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
