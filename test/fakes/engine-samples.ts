/** Figures of the fake engine: waves and peaks, the same for the same guest and second, then and now. */
import type { Guest, History, HistoryQuery, SampleFrame } from '../../engine/contract/index.ts';

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
    };
  });
  return { at, samples, costPercent: 0.4 };
}

/** The past of a guest or of `host`, as if it had always run. */
export function fakeHistory(guests: ReadonlyMap<string, Guest>, { id, rangeSeconds, points }: HistoryQuery): History {
  const guest = guests.get(id);
  const count = Math.min(points, rangeSeconds);
  const stepMs = (rangeSeconds * 1000) / count;
  const times = Array.from({ length: count }, (_, i) => Date.now() - (count - i) * stepMs);
  const of = (factor: number) => times.map((at) => cpuAt(id, at) * factor);
  const series = {
    cpu: of(1),
    memory: times.map((at) => memoryAt(guest, at)),
    diskRead: of(9000),
    diskWrite: of(21_000),
    netIn: of(7000),
    netOut: of(31_000),
  };
  return { id, stepMs, times, average: series, peak: series, memoryLimitBytes: limitOf(guest) };
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
