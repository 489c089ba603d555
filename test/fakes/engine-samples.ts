/** Figures of the fake engine: waves and peaks, the same for the same guest and second, then and now. */
import type { Guest, History, HistoryQuery, Ranking, RankingQuery, SampleFrame } from '../../engine/contract/index.ts';

const GIB = 1024 ** 3;

/** What is measured at this moment. A machine's memory has no limit on the side of the host. */
export function fakeFrame(guests: ReadonlyMap<string, Guest>): SampleFrame {
  const at = Date.now();
  const ids = [...guests.values()].filter(({ state }) => state === 'running' || state === 'paused').map(({ id }) => id);
  const samples = [...ids, 'host'].map((id) => {
    const guest = guests.get(id);
    const cpuPercent = guest?.state === 'paused' ? 0 : cpuAt(id, at);
    return {
      id,
      cpuPercent,
      memoryBytes: memoryAt(guest, at),
      memoryLimitBytes: limitOf(guest),
      diskReadBps: cpuPercent * 9000,
      diskWriteBps: cpuPercent * 21_000,
      netInBps: cpuPercent * 7000,
      netOutBps: cpuPercent * 31_000,
      ...(guest && guest.isolation !== 'container'
        ? { guestMemoryBytes: guest.spec.memoryMib * 1024 ** 2 * 0.4 }
        : { processes: 3 + Math.round(cpuPercent / 20) }),
      diskReadOps: cpuPercent * 2,
      diskWriteOps: cpuPercent * 5,
      netInPps: cpuPercent * 9,
      netOutPps: cpuPercent * 14,
      cpuPressure: cpuPercent / 4,
      memoryPressure: cpuPercent / 30,
      ioPressure: cpuPercent / 9,
    };
  });
  return { at, samples, costPercent: 0.4 };
}

/** The past of a guest or of `host`, as if it had always run. */
export function fakeHistory(
  guests: ReadonlyMap<string, Guest>,
  { id, rangeSeconds, points, until }: HistoryQuery,
): History {
  const guest = guests.get(id);
  const count = Math.min(points, rangeSeconds);
  const stepMs = (rangeSeconds * 1000) / count;
  const end = until ?? Date.now();
  const times = Array.from({ length: count }, (_, i) => end - (count - i) * stepMs);
  const machine = guest !== undefined && guest.isolation !== 'container';
  const unknown = times.map(() => null);
  const of = (factor: number) => times.map((at) => cpuAt(id, at) * factor);
  const series = {
    cpu: of(1),
    memory: times.map((at) => memoryAt(guest, at)),
    diskRead: of(9000),
    diskWrite: of(21_000),
    netIn: of(7000),
    netOut: of(31_000),
    guestMemory: machine ? times.map(() => guest.spec.memoryMib * 1024 ** 2 * 0.4) : unknown,
    diskReadOps: of(2),
    diskWriteOps: of(5),
    netInPackets: of(9),
    netOutPackets: of(14),
    cpuPressure: of(1 / 4),
    memoryPressure: of(1 / 30),
    ioPressure: of(1 / 9),
    processes: machine ? unknown : times.map((at) => 3 + Math.round(cpuAt(id, at) / 20)),
  };
  return { id, stepMs, times, average: series, peak: series, memoryLimitBytes: limitOf(guest) };
}

/** The first by their averages, of all that run. */
export function fakeRanking(guests: ReadonlyMap<string, Guest>, query: RankingQuery, until: number): Ranking {
  const all = [...guests.values()]
    .filter(({ state }) => state === 'running')
    .map(({ id }) => {
      const history = fakeHistory(guests, { id, until, ...query });
      const lists = query.series.map((name) => history.average[name]);
      const values = history.times.map((_, at) => lists.reduce((sum, list) => sum + (list[at] ?? 0), 0));
      const average = values.reduce((sum, value) => sum + value, 0) / values.length;
      return { id, values, average, peak: Math.max(...values), history };
    })
    .sort((a, b) => b.average - a.average);
  const rest = all.slice(query.most);
  const { times = [], stepMs = 1000 } = all[0]?.history ?? {};
  return {
    stepMs,
    times,
    guests: all.slice(0, query.most).map(({ history: _, ...one }) => one),
    others: times.map((_, at) => rest.reduce((sum, { values }) => sum + (values[at] ?? 0), 0)),
    othersCount: rest.length,
  };
}

/** Per cent: a base of its own, two waves, and a peak a minute for every third. */
function cpuAt(id: string, at: number): number {
  const t = at / 1000;
  if (id === 'host') return 62 + 6 * Math.sin(t / 5);
  const n = Number.parseInt(id, 16);
  const waves = ((n * 37) % 60) + 12 * Math.sin(t / 7 + n) + 8 * Math.sin(t / 3 + 2 * n);
  const peak = n % 3 === 2 ? 40 * Math.exp(-(((t % 60) - 30 - n) ** 2) / 40) : 0;
  return Math.max(0, Math.min(100, waves + peak));
}

/** Bytes. QEMU's own share comes on top of what a machine has inside, so some take more than they were given. */
function memoryAt(guest: Guest | undefined, at: number): number {
  if (!guest) return 21.4 * GIB;
  const share = 0.3 + ((Number.parseInt(guest.id, 16) * 13) % 60) / 100 + 0.01 * Math.sin(at / 9000);
  return guest.spec.memoryMib * 1024 ** 2 * (guest.isolation === 'container' ? share : share + 0.4);
}

const limitOf = (guest: Guest | undefined): number | null =>
  guest === undefined ? 31.2 * GIB : guest.isolation === 'container' ? guest.spec.memoryMib * 1024 ** 2 : null;
