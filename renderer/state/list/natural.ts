/**
 * Names in the order a person expects: `web-2` before `Web-10`, capitals as small letters. It is the order of
 * `Intl.Collator('en', { numeric: true, sensitivity: 'base' })`. Names of letters, digits and `_ - .` alone, as nearly
 * all are, are put in it without one: making the first collator of a page takes longer than sorting a thousand names.
 */
let collator: Intl.Collator | null = null;

/** Marks before digits before letters, as the root collation has them (Unicode Technical Standard 10, DUCET). */
const MARKS = '_-.';
const DIGITS = 10;
const LETTERS = 20;
/** Weight of each character code of a plain name; 0: not plain. */
const WEIGHTS = new Uint8Array(128);
for (let at = 0; at < MARKS.length; at++) WEIGHTS[MARKS.charCodeAt(at)] = at + 1;
for (let digit = 0; digit < 10; digit++) WEIGHTS[48 + digit] = DIGITS + digit;
for (let letter = 0; letter < 26; letter++) WEIGHTS[65 + letter] = WEIGHTS[97 + letter] = LETTERS + letter;

const isDigit = (weight: number): boolean => weight >= DIGITS && weight < LETTERS;
const isPlain = (name: string): boolean => /^[\w.-]*$/.test(name);

/** Below zero when `a` comes first, 0 for names that differ in capitals or leading zeros alone. */
export function compareNames(a: string, b: string): number {
  if (isPlain(a) && isPlain(b)) return comparePlain(a, b);
  collator ??= new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
  return collator.compare(a, b);
}

function comparePlain(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const one = WEIGHTS[a.charCodeAt(i)] as number;
    const other = WEIGHTS[b.charCodeAt(j)] as number;
    if (isDigit(one) && isDigit(other)) {
      const first = numberEnd(a, i);
      const second = numberEnd(b, j);
      i = first.from;
      j = second.from;
      // Of two numbers without leading zeros the longer one is greater, however long they are.
      const longer = first.end - i - (second.end - j);
      if (longer !== 0) return longer;
      for (; i < first.end; i++, j++) {
        const by = a.charCodeAt(i) - b.charCodeAt(j);
        if (by !== 0) return by;
      }
    } else {
      if (one !== other) return one - other;
      i++;
      j++;
    }
  }
  return a.length - i - (b.length - j);
}

/** Where the number that begins at `at` has its first digit that counts (its last, if all are zeros), and where it ends. */
function numberEnd(name: string, at: number): { from: number; end: number } {
  let end = at;
  while (end < name.length && isDigit(WEIGHTS[name.charCodeAt(end)] as number)) end++;
  let from = at;
  while (from < end - 1 && name[from] === '0') from++;
  return { from, end };
}
