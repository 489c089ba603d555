/** Which line of a log was written at a moment. Pure. */
import type { LogLine } from './log-lines.ts';

/** Index of the last line written by `at` (ms since the epoch), or of the first that says when; -1: none says. */
export function lineNear(lines: readonly LogLine[], at: number): number {
  let low = 0;
  let high = lines.length - 1;
  let found = -1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const when = lines[middle]?.at;
    if (when !== undefined && when <= at) {
      found = middle;
      low = middle + 1;
    } else high = middle - 1;
  }
  return found >= 0 ? found : lines.findIndex((line) => line.at !== undefined);
}
