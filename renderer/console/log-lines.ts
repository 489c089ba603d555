/**
 * From a log's bytes to lines: UTF-8 over chunk borders, carriage returns as a terminal would show them, the sixteen
 * colours kept as names, every other escape sequence left out. Pure.
 */

/** A stretch of one look: letters of `r g y b m c d` (a colour, or dim) and `w` (bold); empty for plain. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly look: string;
}

export interface LogLine {
  /** Counts from 1, over everything read. */
  readonly number: number;
  readonly text: string;
  readonly spans: readonly Span[];
  /** When it was written (ms since the epoch), where the log says so. */
  readonly at?: number;
}

/** A line without end is cut here, so that one cannot hold up the window (characters). */
export const MAX_LINE = 8192;
const COLOURS = ['', 'r', 'g', 'y', 'b', 'm', 'c', ''];

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are made of them
const ESCAPES = /\x1b(?:\[([0-9;:?]*)[ -/]*([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_][^\x1b]*\x1b\\|[ -/]*[0-~])/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
const CONTROLS = /[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f]/g;

const TIME = /^(\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:\d\d)) /;

export class LogReader {
  readonly #decoder = new TextDecoder();
  #rest = '';
  #number = 0;
  #colour = '';
  #bold = false;
  readonly #timed: boolean;

  /** @param timed every line begins with its time (RFC 3339) and a space. */
  constructor(timed = false) {
    this.#timed = timed;
  }

  /** Complete lines of what was read so far and not yet given. */
  push(bytes: Uint8Array): LogLine[] {
    const pieces = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split('\n');
    this.#rest = pieces.pop() ?? '';
    const lines = pieces.map((piece) => this.#line(piece));
    while (this.#rest.length > MAX_LINE) {
      lines.push(this.#line(this.#rest.slice(0, MAX_LINE)));
      this.#rest = this.#rest.slice(MAX_LINE);
    }
    return lines;
  }

  /** The line that has no end yet, or null. */
  unfinished(): LogLine | null {
    if (this.#rest === '') return null;
    const [colour, bold, number] = [this.#colour, this.#bold, this.#number];
    const line = this.#line(this.#rest);
    [this.#colour, this.#bold, this.#number] = [colour, bold, number];
    return line;
  }

  #line(raw: string): LogLine {
    const time = this.#timed ? TIME.exec(raw) : null;
    const shown = (time ? raw.slice(time[0].length) : raw).replace(/\r+$/, '');
    // What a progress bar wrote over is not seen on a terminal either.
    const last = shown.slice(shown.lastIndexOf('\r') + 1);
    let text = '';
    let at = 0;
    const spans: Span[] = [];
    const add = (piece: string) => {
      const clean = piece.replace(CONTROLS, '').replaceAll('\x1b', '').replaceAll('\t', '    ');
      const look = this.#colour + (this.#bold ? 'w' : '');
      if (clean && look) spans.push({ from: text.length, to: text.length + clean.length, look });
      text += clean;
    };
    for (const match of last.matchAll(ESCAPES)) {
      add(last.slice(at, match.index));
      at = match.index + match[0].length;
      if (match[2] === 'm') this.#sgr(match[1] ?? '');
    }
    add(last.slice(at));
    const line = { number: ++this.#number, text, spans };
    return time ? { ...line, at: Date.parse(time[1] as string) } : line;
  }

  #sgr(parameters: string): void {
    const codes = parameters.split(/[;:]/).map(Number);
    for (let i = 0; i < codes.length; i++) {
      const code = codes[i] as number;
      if (code === 0) {
        this.#colour = '';
        this.#bold = false;
      } else if (code === 1) this.#bold = true;
      else if (code === 2) this.#colour = 'd';
      else if (code === 22) this.#bold = false;
      else if (code >= 30 && code <= 37) this.#colour = COLOURS[code - 30] as string;
      else if (code === 39) this.#colour = '';
      else if (code === 90) this.#colour = 'd';
      else if (code > 90 && code <= 97) this.#colour = COLOURS[code - 90] as string;
      // Colours beyond the sixteen were chosen for another ground: their numbers are skipped.
      else if (code === 38 || code === 48) i += codes[i + 1] === 2 ? 4 : 2;
    }
  }
}

/** A match: which line, and where in it. */
export interface Match {
  readonly line: number;
  readonly from: number;
  readonly to: number;
}

/** Where a text occurs, without regard to case unless `exact`; at most `most`. `line` is an index into the lines. */
export function findAll(lines: readonly LogLine[], query: string, most: number, exact = false): Match[] {
  const folded = (text: string) => (exact ? text : text.toLowerCase());
  const wanted = folded(query);
  const matches: Match[] = [];
  if (wanted === '') return matches;
  for (let line = 0; line < lines.length && matches.length < most; line++) {
    const text = folded((lines[line] as LogLine).text);
    for (
      let at = text.indexOf(wanted);
      at >= 0 && matches.length < most;
      at = text.indexOf(wanted, at + wanted.length)
    ) {
      matches.push({ line, from: at, to: at + wanted.length });
    }
  }
  return matches;
}

export interface Piece {
  readonly text: string;
  readonly look: string;
  readonly mark: '' | 'mark' | 'current';
}

/** A line as pieces to show: its looks and its matches laid over each other. */
export function piecesOf(line: LogLine, marks: readonly Match[], current: Match | null): Piece[] {
  if (line.spans.length === 0 && marks.length === 0) return [{ text: line.text, look: '', mark: '' }];
  const borders = new Set([0, line.text.length]);
  for (const { from, to } of [...line.spans, ...marks]) borders.add(from).add(Math.min(to, line.text.length));
  const sorted = [...borders].sort((a, b) => a - b);
  const pieces: Piece[] = [];
  for (let i = 0; i + 1 < sorted.length; i++) {
    const [from, to] = [sorted[i] as number, sorted[i + 1] as number];
    const covers = (it: { from: number; to: number }) => it.from <= from && it.to >= to;
    const mark = marks.find(covers);
    pieces.push({
      text: line.text.slice(from, to),
      look: line.spans.find(covers)?.look ?? '',
      mark: mark ? (current && mark.line === current.line && mark.from === current.from ? 'current' : 'mark') : '',
    });
  }
  return pieces;
}
