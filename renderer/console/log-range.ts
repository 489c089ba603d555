/** Which time of a log is shown. Pure. */

export interface LogRange {
  /** Milliseconds since the epoch; null: from the beginning. */
  readonly sinceMs: number | null;
  readonly untilMs: number | null;
}

export const WHOLE_LOG: LogRange = { sinceMs: null, untilMs: null };

/** Spans offered, in minutes. */
export const SPANS_MIN = [5, 15, 60, 1440] as const;

/** `14:30`, `14:30:05`, `2026-11-05 14:30` in the time of this place; NaN when it is none; null when empty. */
export function momentOf(text: string, now: number): number | null {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  if (!/^\d{1,2}:\d{2}(:\d{2})?$/.test(trimmed)) return new Date(trimmed.replace(' ', 'T')).getTime();
  const [hours = 0, minutes = 0, seconds = 0] = trimmed.split(':').map(Number);
  if (hours > 23 || minutes > 59 || seconds > 59) return Number.NaN;
  return new Date(now).setHours(hours, minutes, seconds, 0);
}
