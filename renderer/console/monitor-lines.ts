/** Lines asked of an emulator's monitor: walked through with the arrow keys as in a shell. Pure. */

const MOST_KEPT = 200;

export interface Lines {
  /** Asked before, oldest first. */
  readonly asked: readonly string[];
  /** Where the walk is; `asked.length`: at the line that is written. */
  readonly at: number;
  /** What was being written when the walk began. */
  readonly written: string;
}

export const NO_LINES: Lines = { asked: [], at: 0, written: '' };

/** The line went off. The same twice in a row is kept once. */
export function ask(lines: Lines, line: string): Lines {
  const asked = lines.asked.at(-1) === line ? lines.asked : [...lines.asked, line].slice(-MOST_KEPT);
  return { asked, at: asked.length, written: '' };
}

/** One line back (-1) or forth; answers also what is shown then, null where there is no more. */
export function walk(lines: Lines, step: 1 | -1, shown: string): [Lines, string | null] {
  const at = lines.at + step;
  if (at < 0 || at > lines.asked.length) return [lines, null];
  const written = lines.at === lines.asked.length ? shown : lines.written;
  return [{ ...lines, at, written }, lines.asked[at] ?? written];
}
