/** Once a second, one pass over everything that runs: counters in, one frame of figures out. */
import type { Sample, SampleFrame } from '../contract/metrics.ts';
import type { Counters } from '../drivers/driver.ts';
import type { HostCounters } from './host.ts';
import { type RateSubject, type Reading, toSample } from './rates.ts';

/** A running guest. */
export interface SampleTarget extends RateSubject {
  /** Quick, and without waiting for anybody. null: not running any more. */
  read(): Counters | null;
}

export interface GuestTraffic {
  readonly inBytes: number;
  readonly outBytes: number;
  readonly inPackets?: number;
  readonly outPackets?: number;
}

export interface SamplerOptions {
  readonly targets: () => Iterable<SampleTarget>;
  /** Bytes and packets in and out by guest id, cumulative, for all guests at once (the house). */
  readonly traffic: () => Promise<ReadonlyMap<string, GuestTraffic>>;
  readonly host: HostCounters;
  readonly intervalMs?: number;
  /** Wall clock and monotonic clock, both in milliseconds. */
  readonly wallClock?: () => number;
  readonly now?: () => number;
}

export interface Sampler {
  start(): void;
  /** Ends the passes; the last frame stays. */
  stop(): void;
  /** One pass now. Passes do not overlap: while one runs, this answers with it. */
  pass(): Promise<SampleFrame>;
  /** The newest frame, or null before the first pass. */
  readonly latest: SampleFrame | null;
  /** Called with every frame, in the pass, so its cost is counted. Returns the function that ends it. */
  subscribe(onFrame: (frame: SampleFrame) => void): () => void;
}

const INTERVAL_MS = 1000;

/** What the house may take to answer (ms). If it is late its figures are left out of the frame, and it is not asked again until it answered. */
const TRAFFIC_TIMEOUT_MS = 500;

/** Passes behind the cost shown. */
const COST_PASSES = 60;

export function createSampler(options: SamplerOptions): Sampler {
  const intervalMs = options.intervalMs ?? INTERVAL_MS;
  const now = options.now ?? (() => performance.now());
  const wallClock = options.wallClock ?? Date.now;
  const subscribers = new Set<(frame: SampleFrame) => void>();
  const readings = new Map<string, Reading>();
  let asked: Promise<unknown> | null = null;
  const costsMs: number[] = [];
  let hostBefore: Reading | null = null;
  let latest: SampleFrame | null = null;
  let running: Promise<SampleFrame> | null = null;
  let timer: NodeJS.Timeout | null = null;

  /** null: the house failed, is late, or still owes the answer before. */
  const askForTraffic = async () => {
    if (asked) return null;
    const answer = options.traffic().finally(() => {
      asked = null;
    });
    asked = answer;
    return withDeadline(answer, TRAFFIC_TIMEOUT_MS);
  };

  /** null: it does not run any more, or cannot be read. */
  const ask = (target: SampleTarget): (Counters & { readonly atMs: number }) | null => {
    try {
      const counters = target.read();
      return counters && { ...counters, atMs: now() };
    } catch {
      return null;
    }
  };

  const toFrame = (
    at: number,
    hostAfter: Reading,
    guests: readonly (readonly [SampleTarget, ReturnType<typeof ask>])[],
    traffic: ReadonlyMap<string, GuestTraffic> | null,
  ): SampleFrame => {
    const { cpus, memoryTotalBytes } = options.host;
    const samples: Sample[] = [
      toSample({ id: 'host', cpus, memoryLimitBytes: memoryTotalBytes }, hostBefore, hostAfter),
    ];
    hostBefore = hostAfter;
    for (const [target, answer] of guests) {
      const net = traffic?.get(target.id);
      const netInBytes = net?.inBytes ?? null;
      const netOutBytes = net?.outBytes ?? null;
      const packets = { netInPackets: net?.inPackets, netOutPackets: net?.outPackets };
      const reading = answer && { ...answer, netInBytes, netOutBytes, ...packets };
      samples.push(toSample(target, readings.get(target.id) ?? null, reading));
      if (reading) readings.set(target.id, reading);
      else readings.delete(target.id);
    }
    const alive = new Set(guests.map(([{ id }]) => id));
    for (const id of readings.keys()) if (!alive.has(id)) readings.delete(id);
    const costMs = costsMs.reduce((sum, cost) => sum + cost, 0) / (costsMs.length || 1);
    return { at, samples, costPercent: (costMs / intervalMs) * 100 };
  };

  const passOnce = async (): Promise<SampleFrame> => {
    // Only what this thread does between the awaits is ours; others work while we wait. Time on the clock, because the
    // kernel counts a running thread's processor time in ticks longer than a pass (rusage answers 0).
    let mark = performance.now();
    let costMs = 0;
    const pause = () => {
      costMs += performance.now() - mark;
    };
    const at = wallClock();
    const hostAfter = options.host.read(now());
    const targets = [...options.targets()];
    const asking = askForTraffic();
    const guests = targets.map((target) => [target, ask(target)] as const);
    pause();
    const traffic = await asking;
    mark = performance.now();
    const frame = toFrame(at, hostAfter, guests, traffic);
    latest = frame;
    for (const onFrame of subscribers) onFrame(frame);
    pause();
    costsMs.push(costMs);
    if (costsMs.length > COST_PASSES) costsMs.shift();
    return frame;
  };

  const pass = () => {
    running ??= passOnce().finally(() => {
      running = null;
    });
    return running;
  };

  /** Ticks keep to a fixed grid; a tick missed (a busy or sleeping host) is left out, not caught up with. */
  const schedule = (gridMs: number) => {
    const nextMs = Math.max(gridMs + intervalMs, gridMs + Math.ceil((now() - gridMs) / intervalMs) * intervalMs);
    timer = setTimeout(() => {
      if (timer === null) return;
      schedule(nextMs);
      // Nothing in a pass may end the engine; a subscriber that throws is a fault of its own.
      pass().catch(() => {});
    }, nextMs - now());
    timer.unref();
  };

  return {
    start() {
      if (timer !== null) return;
      schedule(now());
      // The first figures are the difference to this one.
      pass().catch(() => {});
    },
    stop() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
    },
    pass,
    get latest() {
      return latest;
    },
    subscribe(onFrame) {
      subscribers.add(onFrame);
      return () => void subscribers.delete(onFrame);
    },
  };
}

function withDeadline<T>(answer: Promise<T>, timeoutMs: number): Promise<T | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), timeoutMs);
    answer.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      () => {
        clearTimeout(timer);
        resolve(null);
      },
    );
  });
}
