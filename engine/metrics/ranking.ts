/** Who used most of something over a range, and what all others used together. */
import { setImmediate as turn } from 'node:timers/promises';
import type { Ranking, RankingQuery } from '../contract/metrics.ts';
import type { HistoryStore } from './history.ts';

export interface RankingMember {
  readonly id: string;
  /** Per cent of its own processors become per cent of one. */
  readonly cpus: number;
}

/** Guest by guest, so that nobody waits long for the engine meanwhile. */
export async function rank(
  history: Pick<HistoryStore, 'some'>,
  { series, most, rangeSeconds, points }: RankingQuery,
  members: readonly RankingMember[],
): Promise<Ranking> {
  const until = Date.now();
  const all: Ranking['guests'][number][] = [];
  let times: readonly number[] = [];
  let stepMs = 0;
  for (const { id, cpus } of members) {
    const found = history.some({ id, rangeSeconds, points, until }, series);
    ({ times, stepMs } = found);
    const scale = series[0] === 'cpu' ? cpus : 1;
    const added = (of: typeof found.average) =>
      found.times.map((_, at) =>
        sum(
          series.map((name) => of[name][at] ?? null),
          scale,
        ),
      );
    const values = added(found.average);
    const known = values.filter((value) => value !== null);
    if (known.length > 0)
      all.push({
        id,
        values,
        average: known.reduce((total, value) => total + value, 0) / known.length,
        peak: added(found.peak).reduce<number>((highest, value) => Math.max(highest, value ?? 0), 0),
      });
    await turn();
  }
  all.sort((a, b) => b.average - a.average);
  const rest = all.slice(most);
  return {
    stepMs,
    times,
    guests: all.slice(0, most),
    others: times.map((_, at) =>
      sum(
        rest.map(({ values }) => values[at] ?? null),
        1,
      ),
    ),
    othersCount: rest.length,
  };
}

/** Of what is known; null when nothing is. */
function sum(values: readonly (number | null)[], scale: number): number | null {
  let total: number | null = null;
  for (const value of values) if (value !== null) total = (total ?? 0) + value * scale;
  return total;
}
