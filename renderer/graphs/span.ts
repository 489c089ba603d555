/** A stretch of time that charts show, and how it is zoomed and moved. Pure. */

export interface Span {
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
}

/** Less holds no second sample (ms). */
const SHORTEST_MS = 20_000;
/** History goes back no further (ms). */
const LONGEST_MS = 31 * 86_400_000;

/** Closer (`factor` below 1) or further, with the moment `at` staying where it is. */
export function zoomed({ from, to }: Span, factor: number, at: number, nowMs: number): Span {
  const length = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, (to - from) * factor));
  const share = (at - from) / (to - from);
  return within({ from: at - share * length, to: at + (1 - share) * length }, nowMs);
}

/** By a share of its length: -0.5 is half of it back. */
export function moved({ from, to }: Span, share: number, nowMs: number): Span {
  const by = (to - from) * share;
  return within({ from: from + by, to: to + by }, nowMs);
}

/** What was drawn with the pointer, either way round. */
export function selected(a: number, b: number, nowMs: number): Span {
  const [from, to] = [Math.min(a, b), Math.max(a, b)];
  const missing = Math.max(0, SHORTEST_MS - (to - from)) / 2;
  return within({ from: from - missing, to: to + missing }, nowMs);
}

/** Nothing is known of the future, nor of what is older than history; the length stays. */
function within({ from, to }: Span, nowMs: number): Span {
  const length = to - from;
  const end = Math.max(nowMs - LONGEST_MS + length, Math.min(to, nowMs));
  return { from: Math.round(end - length), to: Math.round(end) };
}
