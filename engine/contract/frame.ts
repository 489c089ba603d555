/**
 * Frames of samples on the wire: columns of plain numbers instead of an object for each guest, and who is in them only
 * when that changes. A quarter of the bytes, and a window with a thousand guests is not kept busy by reading them. Pure.
 */
import { SAMPLE_FIELD, type Sample, type SampleFrame, SERIES } from './metrics.ts';

export interface PackedFrame {
  readonly at: number;
  readonly costPercent: number;
  /** Left out: the same as in the frame before. */
  readonly ids?: readonly string[];
  readonly limits?: readonly (number | null)[];
  /** The series in `values`, by their place in `SERIES`; what nobody in the frame has is left out. */
  readonly series: readonly number[];
  /** Guest by guest, all of `series` each. */
  readonly values: readonly (number | null)[];
}

const FIELDS = SERIES.map((name) => SAMPLE_FIELD[name]);
/** Per cent and rates of operations are small numbers: two decimals. Bytes are whole. */
const FINE = new Set<keyof Sample>([
  'cpuPercent',
  'cpuPressure',
  'memoryPressure',
  'ioPressure',
  'diskReadOps',
  'diskWriteOps',
  'netInPps',
  'netOutPps',
]);

/** For one listener: it must see every frame. */
export function createPacker(): (frame: SampleFrame) => PackedFrame {
  let lastIds: readonly string[] = [];
  let lastLimits: readonly (number | null)[] = [];
  return ({ at, costPercent, samples }) => {
    const ids = samples.map(({ id }) => id);
    const limits = samples.map(({ memoryLimitBytes }) => memoryLimitBytes);
    const series = [...FIELDS.keys()].filter((index) =>
      samples.some((sample) => sample[FIELDS[index] as keyof Sample] != null),
    );
    const values: (number | null)[] = [];
    for (const sample of samples) {
      for (const index of series) {
        const field = FIELDS[index] as keyof Sample;
        const value = (sample[field] ?? null) as number | null;
        values.push(value === null ? null : FINE.has(field) ? Math.round(value * 100) / 100 : Math.round(value));
      }
    }
    const same = equal(ids, lastIds) && equal(limits, lastLimits);
    lastIds = ids;
    lastLimits = limits;
    return { at, costPercent, ...(same ? {} : { ids, limits }), series, values };
  };
}

/** The counterpart of one packer. */
export function createUnpacker(): (packed: PackedFrame) => SampleFrame {
  let ids: readonly string[] = [];
  let limits: readonly (number | null)[] = [];
  return (packed) => {
    ids = packed.ids ?? ids;
    limits = packed.limits ?? limits;
    const fields = packed.series.map((index) => FIELDS[index]);
    let next = 0;
    const samples = ids.map((id, n) => {
      const sample: Record<string, unknown> = { ...NOTHING, id, memoryLimitBytes: limits[n] ?? null };
      for (const field of fields) {
        const value = packed.values[next++] ?? null;
        if (field !== undefined && value !== null) sample[field] = value;
      }
      return sample as unknown as Sample;
    });
    return { at: packed.at, costPercent: packed.costPercent, samples };
  };
}

const NOTHING: Sample = {
  id: '',
  cpuPercent: null,
  memoryBytes: null,
  memoryLimitBytes: null,
  diskReadBps: null,
  diskWriteBps: null,
  netInBps: null,
  netOutBps: null,
};

const equal = <T>(a: readonly T[], b: readonly T[]): boolean =>
  a.length === b.length && a.every((value, index) => value === b[index]);
