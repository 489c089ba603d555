/** The words of a filter as they stand in its line. Pure. */

export type Sign = ':' | '=' | '>' | '<' | '>=' | '<=';

export interface Token {
  /** Where it stands in the line. */
  readonly from: number;
  readonly to: number;
  /** Led by `-`: everything but this. */
  readonly negated: boolean;
  /** What is before the sign, lower case; null: a plain word. */
  readonly key: string | null;
  readonly sign: Sign | null;
  /** What is asked for, without quotation marks. */
  readonly value: string;
  /** Where the value begins in the line. */
  readonly valueFrom: number;
}

/** A word: quoted parts may hold spaces, a quotation mark that is never closed goes to the end. */
const WORD = /(?:"[^"]*(?:"|$)|[^\s"])+/g;
const KEYED = /^([a-z]+)(>=|<=|[:=<>])/i;

export function tokensOf(line: string): Token[] {
  return [...line.matchAll(WORD)].map((match) => {
    const [word] = match;
    const from = match.index;
    // A lone `-` is being typed.
    const negated = word.length > 1 && word.startsWith('-');
    const body = negated ? word.slice(1) : word;
    const keyed = KEYED.exec(body);
    const [head = '', key = null, sign = null] = keyed ?? [];
    return {
      from,
      to: from + word.length,
      negated,
      key: key?.toLowerCase() ?? null,
      sign: sign as Sign | null,
      value: body.slice(head.length).replaceAll('"', ''),
      valueFrom: from + (negated ? 1 : 0) + head.length,
    };
  });
}

/** The known word that was probably meant: at most `most` letters wrong, or begun. null: none is near. */
export function nearest(word: string, known: readonly string[], most: number): string | null {
  let best: string | null = null;
  let least = most + 1;
  for (const candidate of known) {
    const away = word.length >= 2 && candidate.startsWith(word) ? 1 : distance(word, candidate);
    if (away < least) {
      least = away;
      best = candidate;
    }
  }
  return best;
}

/** How many letters differ (Levenshtein). Words are short. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      next.push(Math.min((row[j] as number) + 1, (next[j - 1] as number) + 1, (row[j - 1] as number) + same));
    }
    row = next;
  }
  return row[b.length] as number;
}
