/** Axes with ticks a person would choose: a value axis with its unit, and a time axis on round clock times. Pure. */
import { fixed } from '../messages/format.ts';

export interface Unit {
  /** As written beside a chart's title: `%`, `MiB`, `MB/s`. */
  readonly name: string;
  /** How much of the raw value one of it is. */
  readonly size: number;
}

export interface Axis {
  readonly unit: Unit;
  /** Raw value at the top edge. */
  readonly max: number;
  /** Raw values, from 0 up. */
  readonly ticks: readonly number[];
  /** Decimals of the ticks' labels, and of values beside the chart. */
  readonly tickDigits: number;
  readonly digits: number;
}

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
/** Room above a limit, so that its line is seen as a line (share). */
const ABOVE_LIMIT = 1.09;
/** A rate axis never ends lower, or an idle guest's noise would fill it (bytes per second). */
const LOWEST_RATE = 10_000;
/** A count's axis never ends lower. */
const LOWEST_COUNT = 10;
/** Round tops whose half is round as well. */
const MANTISSAS = [1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10];

const PERCENT: Unit = { name: '%', size: 1 };
const RATES: readonly Unit[] = [
  { name: 'GB/s', size: 1e9 },
  { name: 'MB/s', size: 1e6 },
  { name: 'kB/s', size: 1e3 },
];
const SIZES: readonly Unit[] = [
  { name: 'GiB', size: GIB },
  { name: 'MiB', size: MIB },
];

const unitFor = (units: readonly Unit[], value: number): Unit =>
  units.find((unit) => value >= unit.size) ?? (units.at(-1) as Unit);

/** The lowest round number at or above a positive value. */
export function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  // A hair of tolerance: 0.3 / 0.1 is a little more than 3.
  const mantissa = MANTISSAS.find((candidate) => candidate * power >= value * (1 - 1e-9)) ?? 10;
  return Number((mantissa * power).toPrecision(6));
}

const decimals = (values: readonly number[]): number =>
  values.some((value) => Math.abs(value - Math.round(value)) > 1e-6) ? 1 : 0;

const digitsFor = (top: number): number => (top <= 5 ? 2 : top <= 50 ? 1 : 0);

export function percentAxis(): Axis {
  return { unit: PERCENT, max: 100, ticks: [0, 50, 100], tickDigits: 0, digits: 0 };
}

/** Bytes per second, in decimal units. */
export function rateAxis(highest: number): Axis {
  const wanted = Math.max(LOWEST_RATE, highest);
  const unit = unitFor(RATES, wanted);
  const top = roundUp(wanted / unit.size);
  const ticks = [0, top / 2, top];
  return {
    unit,
    max: top * unit.size,
    ticks: ticks.map((tick) => tick * unit.size),
    tickDigits: decimals(ticks),
    digits: digitsFor(top),
  };
}

const COUNTS: readonly Unit[] = [
  { name: 'thousand', size: 1e3 },
  { name: '', size: 1 },
];

/** Things, or things per second: `name` says which. */
export function countAxis(highest: number, name: string): Axis {
  const wanted = Math.max(LOWEST_COUNT, highest);
  const { size, name: scale } = unitFor(COUNTS, wanted / 2);
  const top = roundUp(wanted / size);
  const ticks = [0, top / 2, top];
  return {
    unit: { name: [scale, name].filter(Boolean).join(' '), size },
    max: top * size,
    ticks: ticks.map((tick) => tick * size),
    tickDigits: decimals(ticks),
    digits: size === 1 ? 0 : 1,
  };
}

/** Bytes in binary units, up to the limit where there is one. */
export function memoryAxis(highest: number, limitBytes: number | null): Axis {
  const wanted = Math.max(highest, limitBytes ?? 0, MIB);
  const unit = unitFor(SIZES, wanted);
  const top = limitBytes !== null && limitBytes >= highest ? limitBytes / unit.size : roundUp(wanted / unit.size);
  const ticks = [0, top / 2, top];
  return {
    unit,
    max: top * unit.size * (limitBytes === null ? 1 : ABOVE_LIMIT),
    ticks: ticks.map((tick) => tick * unit.size),
    tickDigits: decimals(ticks),
    digits: unit.size === GIB ? 2 : 0,
  };
}

/** A tick's label; the per cent sign belongs to it, other units stand beside the title. */
export function tickLabel(axis: Axis, tick: number): string {
  const text = fixed(tick / axis.unit.size, tick === 0 ? 0 : axis.tickDigits);
  return axis.unit === PERCENT && tick > 0 ? `${text} %` : text;
}

/** A value in the axis's unit, without the unit. Small ones get a decimal: 0.3 % is not nothing. */
export function valueLabel(axis: Axis, value: number): string {
  const shown = value / axis.unit.size;
  return fixed(shown, shown > 0 && shown < 9.95 ? Math.max(1, axis.digits) : axis.digits);
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [
  5 * SECOND,
  15 * SECOND,
  30 * SECOND,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
];
const LONG_STEPS = [2 * HOUR, 3 * HOUR, 4 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 5 * DAY, 10 * DAY];

export interface TimeTicks {
  readonly times: readonly number[];
  /** Whether a tick is a day rather than a time of day. */
  readonly days: boolean;
  /** Whether there are several in a minute. */
  readonly seconds: boolean;
}

/** At most `most` round local times between two moments (ms since the epoch). */
export function timeTicks(from: number, to: number, most: number): TimeTicks {
  const steps = [...STEPS, ...LONG_STEPS];
  const step = steps.find((candidate) => (to - from) / candidate <= Math.max(1, most)) ?? (steps.at(-1) as number);
  // Local midnight is where the day's ticks count from; a change of summer time moves it, so it is asked for each day.
  const start = new Date(from);
  start.setHours(0, 0, 0, 0);
  const times: number[] = [];
  if (step >= DAY) {
    for (
      let day = start;
      day.getTime() <= to;
      day = new Date(day.getFullYear(), day.getMonth(), day.getDate() + step / DAY)
    ) {
      if (day.getTime() >= from) times.push(day.getTime());
    }
  } else {
    const first = start.getTime() + Math.ceil((from - start.getTime()) / step) * step;
    for (let time = first; time <= to; time += step) times.push(time);
  }
  return { times, days: step >= DAY, seconds: step < MINUTE };
}

/** Room a label of the time axis needs (px), and half of that label. */
const TICK_PX = 72;
const EDGE_PX = 16;

/** Those that have room on an axis so many pixels wide. A label at the very edge would be cut. */
export function timeTicksWithin(from: number, to: number, widthPx: number): TimeTicks {
  const all = timeTicks(from, to, Math.max(2, Math.floor(widthPx / TICK_PX)));
  const fromEdge = (at: number) => (Math.min(to - at, at - from) / (to - from)) * widthPx;
  return { ...all, times: all.times.filter((at) => fromEdge(at) > EDGE_PX) };
}
