/** Durations and sizes as people write them. */
import { misused, quoted } from './misuse.ts';

const DURATION_MS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const SIZE_BYTES: Readonly<Record<string, number>> = { b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };
export const MIB = 2 ** 20;

/** `30s`, `1m30s`, `1.5h`, `500ms`; a bare number counts in seconds. Whole milliseconds. Throws `invalid`. */
export function duration(text: string, option: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000);
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(us|ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([all]) => all).join('') !== text)
    throw misused(`${option} needs a duration, not ${quoted(text)}.`, 'Write e.g. 500ms, 30s, 1m30s or 2h.');
  return Math.round(
    parts.reduce((sum, [, value, unit]) => sum + Number(value) * (DURATION_MS[unit as string] ?? 0), 0),
  );
}

/** `512m`, `1.5g`, `64KiB`: bytes. A bare number counts in `bareUnit`. Throws `invalid`. */
export function size(text: string, option: string, bareUnit: 'b' | 'm' | 'g' = 'b'): number {
  const match = /^(\d+(?:\.\d+)?)\s?(?:([bkmgt])(?:i?b)?)?$/i.exec(text);
  if (!match) throw misused(`${option} needs a size, not ${quoted(text)}.`, 'Write e.g. 512m or 2g.');
  return Math.round(Number(match[1]) * (SIZE_BYTES[(match[2] ?? bareUnit).toLowerCase()] as number));
}

/** A size in whole MiB, rounded up: asking for some memory never gives none. */
export function mebibytes(text: string, option: string, bareUnit: 'b' | 'm' = 'm'): number {
  return Math.ceil(size(text, option, bareUnit) / MIB);
}

/** A moment: `10m` (so long ago), a date (RFC 3339) or seconds since the epoch. Milliseconds since the epoch. */
export function moment(text: string, option: string, now = Date.now()): number {
  if (/^\d{9,11}(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000);
  if (/^\d{4}-\d\d-\d\d/.test(text)) {
    const at = Date.parse(text);
    if (!Number.isNaN(at)) return at;
  }
  try {
    return now - duration(text, option);
  } catch {
    throw misused(
      `${option} needs a moment, not ${quoted(text)}.`,
      'Write e.g. 10m (so long ago), 2026-01-31T12:00:00Z, or seconds since 1970.',
    );
  }
}
