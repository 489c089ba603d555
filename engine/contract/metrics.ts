/** Resource figures. Counters become rates before they cross the boundary. */

/** One guest or the host at one second. null: not known (not running, or the host does not say). */
export interface Sample {
  /** Guest id, or `host`. */
  readonly id: string;
  /** Per cent of the guest's own processors, 0 to 100 (host: of all processors). */
  readonly cpuPercent: number | null;
  /** Bytes the host gives to it. */
  readonly memoryBytes: number | null;
  /** Bytes it may use at most. */
  readonly memoryLimitBytes: number | null;
  /** Bytes per second. */
  readonly diskReadBps: number | null;
  readonly diskWriteBps: number | null;
  readonly netInBps: number | null;
  readonly netOutBps: number | null;
}

/** Everything measured at one tick; sent once a second to whoever watches. */
export interface SampleFrame {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly samples: readonly Sample[];
  /** Per cent of one processor that measuring itself took, mean of the last minute. */
  readonly costPercent: number;
}

export const SERIES = ['cpu', 'memory', 'diskRead', 'diskWrite', 'netIn', 'netOut'] as const;
export type SeriesName = (typeof SERIES)[number];

export interface HistoryQuery {
  /** Guest id, or `host`. */
  readonly id: string;
  /** Seconds back from now: 300, 3600, 86400, 604800, 2592000. */
  readonly rangeSeconds: number;
  /** At most this many points, 1 to 2000. */
  readonly points: number;
}

/** Parallel arrays, oldest first. A gap is a point whose values are null. */
export interface History {
  readonly id: string;
  /** Milliseconds between points. */
  readonly stepMs: number;
  readonly times: readonly number[];
  readonly average: Readonly<Record<SeriesName, readonly (number | null)[]>>;
  readonly peak: Readonly<Record<SeriesName, readonly (number | null)[]>>;
  readonly memoryLimitBytes: number | null;
}
