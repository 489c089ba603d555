/** From two readings of counters to the figures people see. Pure. */
import type { Sample } from '../contract/metrics.ts';
import type { Counters } from '../drivers/driver.ts';

/** Cumulative counters at one moment. null: not known here. */
export interface Reading extends Omit<Counters, 'cpuNs'> {
  /** Monotonic milliseconds. */
  readonly atMs: number;
  /** Nanoseconds of processor time, all processors together. */
  readonly cpuNs: number | null;
  /** Bytes now (not cumulative). */
  readonly memoryBytes: number | null;
  readonly diskReadBytes: number | null;
  readonly diskWriteBytes: number | null;
  /** From the guest's (or host's) own point of view. */
  readonly netInBytes: number | null;
  readonly netOutBytes: number | null;
  readonly netInPackets?: number | undefined;
  readonly netOutPackets?: number | undefined;
}

/**
 * Readings further apart than this (ms) say nothing about the last second: the host slept or the engine was stopped.
 * Closer than the lower bound, counters kept in ticks of 10 ms make noise of it.
 */
const LONGEST_MS = 10_000;
const SHORTEST_MS = 100;

export interface RateSubject {
  readonly id: string;
  /** Processors it may use; fractions allowed. */
  readonly cpus: number;
  readonly memoryLimitBytes: number | null;
}

/** `before`: the reading before this one, null for the first. A counter that went backwards (a restart) is null. */
export function toSample(subject: RateSubject, before: Reading | null, after: Reading | null): Sample {
  const elapsedMs = before && after ? after.atMs - before.atMs : 0;
  const usable = elapsedMs >= SHORTEST_MS && elapsedMs <= LONGEST_MS;
  const perSecond = (
    key: Exclude<keyof Reading, 'atMs' | 'memoryBytes' | 'processes' | 'guestMemoryBytes'>,
  ): number | null => {
    const earlier = before?.[key] ?? null;
    const later = after?.[key] ?? null;
    if (!usable || earlier === null || later === null || later < earlier) return null;
    return ((later - earlier) * 1000) / elapsedMs;
  };
  const cpuNsPerSecond = perSecond('cpuNs');
  const cpus = subject.cpus > 0 ? subject.cpus : 1;
  return {
    id: subject.id,
    cpuPercent: cpuNsPerSecond === null ? null : Math.min(100, cpuNsPerSecond / (cpus * 1e7)),
    memoryBytes: after?.memoryBytes ?? null,
    memoryLimitBytes: subject.memoryLimitBytes,
    diskReadBps: perSecond('diskReadBytes'),
    diskWriteBps: perSecond('diskWriteBytes'),
    netInBps: perSecond('netInBytes'),
    netOutBps: perSecond('netOutBytes'),
    ...known({
      guestMemoryBytes: after?.guestMemoryBytes,
      diskReadOps: perSecond('diskReadOps'),
      diskWriteOps: perSecond('diskWriteOps'),
      netInPps: perSecond('netInPackets'),
      netOutPps: perSecond('netOutPackets'),
      cpuPressure: toPercent(perSecond('cpuPressureUs')),
      memoryPressure: toPercent(perSecond('memoryPressureUs')),
      ioPressure: toPercent(perSecond('ioPressureUs')),
      processes: after?.processes,
    }),
  };
}

/** Microseconds a second as a share of it. */
const toPercent = (usPerSecond: number | null): number | null =>
  usPerSecond === null ? null : Math.min(100, usPerSecond / 1e4);

/** Without what is not known: most guests know half of it, and there may be a thousand of them. */
function known(values: Record<string, number | null | undefined>): Partial<Sample> {
  const kept: Record<string, number> = {};
  for (const key in values) {
    const value = values[key];
    if (value !== null && value !== undefined) kept[key] = value;
  }
  return kept;
}
