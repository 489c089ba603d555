/** Numbers and times as this language writes them. A number has a unit. */

const decimal = new Intl.NumberFormat('en-GB', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const trimmed = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });
const clockFormat = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const dayFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

const KIB = 1024;
const MIB = KIB * 1024;
const GIB = MIB * 1024;
const NONE = '–';

export const none = NONE;

/** Sizes in powers of 1024: `62 MiB`, `3.6 GiB`. */
export function bytes(value: number | null): string {
  if (value === null) return NONE;
  if (value >= 100 * GIB || (value >= GIB && value % GIB === 0)) return `${whole.format(value / GIB)} GiB`;
  if (value >= GIB) return `${decimal.format(value / GIB)} GiB`;
  if (value >= 10 * MIB) return `${whole.format(value / MIB)} MiB`;
  if (value >= MIB) return `${trimmed.format(value / MIB)} MiB`;
  if (value >= KIB) return `${whole.format(value / KIB)} KiB`;
  return `${whole.format(value)} bytes`;
}

export const mib = (value: number): string => bytes(value * MIB);

/** `62 %`. */
export const percent = (value: number | null): string => (value === null ? NONE : `${whole.format(value)} %`);
/** `0.4 %`: for figures that are small by design. */
export const finePercent = (value: number): string => `${decimal.format(value)} %`;
export const count = (value: number): string => whole.format(value);

/** `0.09 s`, `3.4 s`, `2 min 5 s`. */
export function seconds(ms: number): string {
  if (ms < 1000) return `${(ms / 1000).toFixed(2)} s`;
  if (ms < 60_000) return `${decimal.format(ms / 1000)} s`;
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

const shortClockFormat = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
export const shortClock = (at: number): string => shortClockFormat.format(at);
export const clock = (at: number): string => clockFormat.format(at);

/** `14:32:05` today, `5 Nov 2026, 14:32:05` on another day. */
export function moment(at: number, now: number): string {
  return new Date(at).toDateString() === new Date(now).toDateString()
    ? clock(at)
    : `${dayFormat.format(at)}, ${clock(at)}`;
}

/** From here on a date says more than a number of days (ms). */
const LONG_AGO_MS = 60 * 86_400_000;

/** `just now`, `4 min ago`, `3 d ago`, `5 Nov 2026`. */
export function ago(at: number, now: number): string {
  const ms = now - at;
  if (ms < 10_000) return 'just now';
  if (ms > LONG_AGO_MS) return dayFormat.format(at);
  const largest = span(ms).split(' ').slice(0, 2).join(' ');
  return `${largest} ago`;
}

/** `a`, `a and b`, `a, b and c`. */
export const list = (items: readonly string[]): string =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
