/**
 * Frames of samples on the wire: plain numbers, guest by guest, as bytes of the subscription, and who is in them as an
 * event ahead of that, only when it changes. A window with a thousand guests has nothing to parse each second, and makes
 * an object for those alone that it shows. Pure.
 */
import { SAMPLE_FIELD, type Sample, type SampleFrame, SERIES, type SeriesName } from './metrics.ts';

/** Who stands in the frames that follow, in their order. */
export interface Who {
  readonly ids: readonly string[];
  readonly limits: readonly (number | null)[];
}

export interface PackedFrame {
  /** null: the same as before. */
  readonly who: Who | null;
  /**
   * Float64 in the byte order of the host, which both ends run on: time, cost, how many series, their places in `SERIES`
   * (what nobody has is left out), then guest by guest the figures of these; NaN where nothing is known.
   */
  readonly figures: Uint8Array;
}

type Field = (typeof SAMPLE_FIELD)[SeriesName];
const FIELDS: readonly Field[] = SERIES.map((name) => SAMPLE_FIELD[name]);
/** Time, cost, how many series. */
const HEAD = 3;
/** Per cent and rates of operations are small numbers: two decimals. Bytes are whole. */
const FINE = new Set<Field>([
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
  let last: Who = { ids: [], limits: [] };
  return ({ at, costPercent, samples }) => {
    const who: Who = { ids: samples.map(({ id }) => id), limits: samples.map((sample) => sample.memoryLimitBytes) };
    const same = equal(who.ids, last.ids) && equal(who.limits, last.limits);
    last = who;
    const series = [...FIELDS.keys()].filter((index) =>
      samples.some((sample) => sample[FIELDS[index] as keyof Sample] != null),
    );
    const figures = new Float64Array(HEAD + series.length * (1 + samples.length));
    figures.set([at, costPercent, series.length, ...series]);
    let next = HEAD + series.length;
    for (const sample of samples) {
      for (const index of series) {
        const field = FIELDS[index] as Field;
        const value = sample[field] ?? Number.NaN;
        figures[next++] = FINE.has(field) ? Math.round(value * 100) / 100 : Math.round(value);
      }
    }
    return { who: same ? null : who, figures: new Uint8Array(figures.buffer) };
  };
}

/** A frame as it came over the wire: figures stay where they are until somebody asks for one. */
export class UnpackedFrame implements SampleFrame {
  /** Before the first one. */
  static readonly EMPTY = new UnpackedFrame(new Float64Array(HEAD), new Map(), []);
  readonly at: number;
  readonly costPercent: number;
  /** Where whoever is in the frame stands in it; the same object as in the frame before while they are the same. */
  readonly places: ReadonlyMap<string, number>;
  readonly #limits: readonly (number | null)[];
  readonly #fields: readonly (Field | undefined)[];
  readonly #values: Float64Array;
  #samples: readonly Sample[] | null = null;

  /** @param figures see `PackedFrame` */
  constructor(figures: Float64Array, places: ReadonlyMap<string, number>, limits: readonly (number | null)[]) {
    const [at = 0, costPercent = 0, series = 0] = figures;
    this.at = at;
    this.costPercent = costPercent;
    this.places = places;
    this.#limits = limits;
    this.#fields = [...figures.subarray(HEAD, HEAD + series)].map((index) => FIELDS[index]);
    this.#values = figures.subarray(HEAD + series);
  }

  /** What was measured of a guest or of `host`. */
  get(id: string): Sample | undefined {
    const place = this.places.get(id);
    if (place === undefined) return undefined;
    const sample: Record<string, unknown> = { ...NOTHING, id, memoryLimitBytes: this.#limits[place] ?? null };
    let next = place * this.#fields.length;
    for (const field of this.#fields) {
      const value = this.#values[next++] ?? Number.NaN;
      if (field !== undefined && !Number.isNaN(value)) sample[field] = value;
    }
    return sample as unknown as Sample;
  }

  /** One figure of all, in the order of `places`; NaN where it is not known. */
  column(field: Field): Float64Array {
    const column = new Float64Array(this.places.size).fill(Number.NaN);
    const step = this.#fields.length;
    const from = this.#fields.indexOf(field);
    if (from >= 0)
      for (let place = 0; place < column.length; place++)
        column[place] = this.#values[place * step + from] ?? Number.NaN;
    return column;
  }

  get samples(): readonly Sample[] {
    this.#samples ??= [...this.places.keys()].map((id) => this.get(id) as Sample);
    return this.#samples;
  }
}

/** The counterpart of one packer. */
export function createUnpacker(): { who(who: Who): void; frame(figures: Uint8Array): UnpackedFrame } {
  let places: ReadonlyMap<string, number> = new Map();
  let limits: readonly (number | null)[] = [];
  return {
    who(who) {
      places = new Map(who.ids.map((id, place) => [id, place]));
      limits = who.limits;
    },
    // Copied, because the bytes may begin anywhere in what was received.
    frame: (figures) => new UnpackedFrame(new Float64Array(figures.slice().buffer), places, limits),
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
