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
  /** Bytes in use as the guest itself sees it. These and the following are left out where they are not known. */
  readonly guestMemoryBytes?: number;
  /** Operations per second. */
  readonly diskReadOps?: number;
  readonly diskWriteOps?: number;
  /** Packets per second. */
  readonly netInPps?: number;
  readonly netOutPps?: number;
  /** Per cent of the time in which something in it waited for the resource (pressure stall information, `some`). */
  readonly cpuPressure?: number;
  readonly memoryPressure?: number;
  readonly ioPressure?: number;
  /** Processes and threads in it. */
  readonly processes?: number;
}

/** Everything measured at one tick; sent once a second to whoever watches. */
export interface SampleFrame {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly samples: readonly Sample[];
  /** Per cent of one processor that measuring itself took, mean of the last minute. */
  readonly costPercent: number;
}

/** In the order of the columns of history; new ones come last. */
export const SERIES = [
  'cpu',
  'memory',
  'diskRead',
  'diskWrite',
  'netIn',
  'netOut',
  'guestMemory',
  'diskReadOps',
  'diskWriteOps',
  'netInPackets',
  'netOutPackets',
  'cpuPressure',
  'memoryPressure',
  'ioPressure',
  'processes',
] as const;
export type SeriesName = (typeof SERIES)[number];

/** Where a sample says it. */
export const SAMPLE_FIELD = {
  cpu: 'cpuPercent',
  memory: 'memoryBytes',
  diskRead: 'diskReadBps',
  diskWrite: 'diskWriteBps',
  netIn: 'netInBps',
  netOut: 'netOutBps',
  guestMemory: 'guestMemoryBytes',
  diskReadOps: 'diskReadOps',
  diskWriteOps: 'diskWriteOps',
  netInPackets: 'netInPps',
  netOutPackets: 'netOutPps',
  cpuPressure: 'cpuPressure',
  memoryPressure: 'memoryPressure',
  ioPressure: 'ioPressure',
  processes: 'processes',
} as const satisfies Record<SeriesName, keyof Sample>;

export interface HistoryQuery {
  /** Guest id, or `host`. */
  readonly id: string;
  /** Seconds back from now: 300, 3600, 86400, 604800, 2592000. */
  readonly rangeSeconds: number;
  /** At most this many points, 1 to 2000. */
  readonly points: number;
  /** Where the range ends, in milliseconds since the epoch; left out: now. */
  readonly until?: number;
}

/** Who used most of something over a range. */
export interface RankingQuery extends Omit<HistoryQuery, 'id' | 'until'> {
  /** What counts; several are added up (read and write). */
  readonly series: readonly SeriesName[];
  /** So many are told one by one, 1 to 20. */
  readonly most: number;
}

export interface Ranking {
  readonly stepMs: number;
  readonly times: readonly number[];
  /** The first by their average over the range. */
  readonly guests: readonly {
    readonly id: string;
    readonly values: readonly (number | null)[];
    readonly average: number;
    readonly peak: number;
  }[];
  /** All others together. */
  readonly others: readonly (number | null)[];
  readonly othersCount: number;
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
