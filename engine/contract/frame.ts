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
   * Time and cost (Float64), then Float32, all in the byte order of the host, which both ends run on: how many series, their
   * places in `SERIES` (what nobody has is left out), and guest by guest the figures of these; NaN where nothing is known.
   */
  readonly figures: Uint8Array;
}

type Field = (typeof SAMPLE_FIELD)[SeriesName];
const FIELDS: readonly Field[] = SERIES.map((name) => SAMPLE_FIELD[name]);
/** Time and cost (bytes). */
const HEAD = 16;
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
    const bytes = new ArrayBuffer(HEAD + 4 * (1 + series.length * (1 + samples.length)));
    new Float64Array(bytes, 0, 2).set([at, costPercent]);
    const numbers = new Float32Array(bytes, HEAD);
    numbers.set([series.length, ...series]);
    let next = 1 + series.length;
    for (const sample of samples)
      for (const index of series) numbers[next++] = sample[FIELDS[index] as Field] ?? Number.NaN;
    return { who: same ? null : who, figures: new Uint8Array(bytes) };
  };
}

/** A frame as it came over the wire: figures stay where they are until somebody asks for one. */
export class UnpackedFrame implements SampleFrame {
  /** Before the first one. */
  static readonly EMPTY = new UnpackedFrame(new Uint8Array(HEAD + 4), new Map(), []);
  readonly at: number;
  readonly costPercent: number;
  /** Where whoever is in the frame stands in it; the same object as in the frame before while they are the same. */
  readonly places: ReadonlyMap<string, number>;
  readonly #limits: readonly (number | null)[];
  readonly #fields: readonly (Field | undefined)[];
  readonly #values: Float32Array;
  #samples: readonly Sample[] | null = null;

  /** @param figures see `PackedFrame`; they begin at a multiple of 4 and are kept, not copied */
  constructor(figures: Uint8Array, places: ReadonlyMap<string, number>, limits: readonly (number | null)[]) {
    const [at = 0, costPercent = 0] = new Float64Array(figures.slice(0, HEAD).buffer);
    const numbers = new Float32Array(figures.buffer, figures.byteOffset + HEAD, (figures.byteLength - HEAD) / 4);
    const end = 1 + (numbers[0] ?? 0);
    this.at = at;
    this.costPercent = costPercent;
    this.places = places;
    this.#limits = limits;
    this.#fields = [...numbers.subarray(1, end)].map((index) => FIELDS[index]);
    this.#values = numbers.subarray(end);
  }

  /** What was measured of a guest or of `host`. */
  get(id: string): Sample | undefined {
    const place = this.places.get(id);
    if (place === undefined) return undefined;
    const sample: Record<string, unknown> = { ...NOTHING, id, memoryLimitBytes: this.#limits[place] ?? null };
    let next = place * this.#fields.length;
    for (const field of this.#fields) {
      const value = this.#values[next++] ?? Number.NaN;
      if (field !== undefined && !Number.isNaN(value))
        sample[field] = FINE.has(field) ? Math.round(value * 100) / 100 : Math.round(value);
    }
    return sample as unknown as Sample;
  }

  /** One figure of all, in the order of `places`; NaN where it is not known. */
  column(field: Field): Float32Array {
    const column = new Float32Array(this.places.size).fill(Number.NaN);
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
    // They begin where a carrier put them, which is a multiple of 4 on all of ours.
    frame: (figures) => new UnpackedFrame(figures.byteOffset % 4 === 0 ? figures : figures.slice(), places, limits),
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
