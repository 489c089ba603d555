/** Numbers and times as this language writes them. A number has a unit. */
import { apart } from './apart.ts';
import { locale } from './locale.ts';
import { units } from './units.ts';

const figure = (value: number, least: number, most: number, grouped = true): string =>
  locale().number(value, least, most, grouped);
const whole = (value: number): string => figure(value, 0, 0);
const decimal = (value: number): string => figure(value, 1, 1);

const KIB = 1024;
const MIB = KIB * 1024;
const GIB = MIB * 1024;
const NONE = '–';

export const none = NONE;

/** Sizes in powers of 1024: `62 MiB`, `3.6 GiB`. */
export function bytes(value: number | null): string {
  if (value === null) return NONE;
  if (value >= 100 * GIB || (value >= GIB && value % GIB === 0)) return `${whole(value / GIB)} GiB`;
  if (value >= GIB) return `${decimal(value / GIB)} GiB`;
  if (value >= 10 * MIB) return `${whole(value / MIB)} MiB`;
  if (value >= MIB) return `${figure(value / MIB, 0, 1)} MiB`;
  if (value >= KIB) return `${whole(value / KIB)} KiB`;
  return units.bytes(whole(value));
}

/** Bytes a second in powers of 1000, as networks and disks are told: `1.2 MB/s`. */
export function rate(value: number | null): string {
  if (value === null) return NONE;
  if (value >= 1e9) return `${decimal(value / 1e9)} GB/s`;
  if (value >= 1e7) return `${whole(value / 1e6)} MB/s`;
  if (value >= 1e6) return `${decimal(value / 1e6)} MB/s`;
  if (value >= 1e3) return `${whole(value / 1e3)} kB/s`;
  return `${whole(value)} B/s`;
}

export const mib = (value: number): string => bytes(value * MIB);

/** `62 %`. */
export const percent = (value: number | null): string => (value === null ? NONE : `${whole(value)} %`);
/** `0.4 %`: for figures that are small by design. */
export const finePercent = (value: number): string => `${decimal(value)} %`;
export const count = (value: number): string => whole(value);
/** With the decimals it has, three at most: `0.25`, `2`. */
export const number = (value: number): string => figure(value, 0, 3);
/** So many decimals and no grouping: what stands in columns and at axes. */
export const fixed = (value: number, digits: number): string => figure(value, digits, digits, false);

/** Words for a number; # stands for it as the language writes it. `{ one: '# guest', other: '# guests' }`. */
export const plural = (n: number, forms: Forms): string =>
  (forms[locale().plural(n)] ?? forms.other).replaceAll('#', () => whole(n));
export type Forms = { readonly other: string } & Partial<Readonly<Record<Intl.LDMLPluralRule, string>>>;

/** `0.09 s`, `3.4 s`, `2 min 5 s`. */
export function seconds(given: number): string {
  // Between two readings of a clock that was set back.
  const ms = Math.max(0, given);
  if (ms < 1000) return `${figure(ms / 1000, 2, 2)} s`;
  if (ms < 60_000) return `${decimal(ms / 1000)} s`;
  return span(ms);
}

/** The two largest units: `3 d 4 h`, `12 min 5 s`, `8 s`. */
export function span(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const parts: [number, string][] = [
    [Math.floor(total / 86_400), 'd'],
    [Math.floor(total / 3600) % 24, 'h'],
    [Math.floor(total / 60) % 60, 'min'],
    [total % 60, 's'],
  ];
  const first = parts.findIndex(([value]) => value > 0);
  if (first < 0) return '0 s';
  const shown = parts.slice(first, first + 2).filter(([value]) => value > 0);
  return shown.map(([value, unit]) => `${value} ${unit}`).join(' ');
}

const MINUTES = { hour: '2-digit', minute: '2-digit' } as const;
const SECONDS = { ...MINUTES, second: '2-digit' } as const;
const DAY = { day: 'numeric', month: 'short', year: 'numeric' } as const;
/** `14:32`. */
export const shortClock = (at: number): string => locale().date('minutes', MINUTES).format(at);
/** `14:32:05`. */
export const clock = (at: number): string => locale().date('seconds', SECONDS).format(at);
/** `14:32:05.123`. */
export const fineClock = (at: number): string =>
  locale()
    .date('fine', { ...SECONDS, fractionalSecondDigits: 3 })
    .format(at);
/** `5 Nov 2026`. */
export const day = (at: number): string => locale().date('day', DAY).format(at);
/** `5 Nov`. */
export const shortDay = (at: number): string => locale().date('short', { day: 'numeric', month: 'short' }).format(at);

/** `14:32:05` today, `5 Nov 2026, 14:32:05` on another day. */
export function moment(at: number, now: number): string {
  return new Date(at).toDateString() === new Date(now).toDateString() ? clock(at) : `${day(at)}, ${clock(at)}`;
}

/** From here on a date says more than a number of days (ms). */
const LONG_AGO_MS = 60 * 86_400_000;

/** `just now`, `4 min ago`, `3 d ago`, `5 Nov 2026`. */
export function ago(at: number, now: number): string {
  const ms = now - at;
  if (ms < 10_000) return units.justNow;
  if (ms > LONG_AGO_MS) return day(at);
  return units.ago(span(ms).split(' ').slice(0, 2).join(' '));
}

/** `a`, `a and b`, `a, b and c`. */
export const list = (items: readonly string[]): string => locale().lists.format(items.map(apart));

/** Below zero when the first comes before the second in an alphabetical list. */
export const compare = (a: string, b: string): number => locale().collator.compare(a, b);
