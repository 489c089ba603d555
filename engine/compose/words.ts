/** A command written as one line, in words: quotes and backslashes as a shell has them, nothing else of a shell. Pure. */

/** Throws Error with one plain sentence when a quote is not closed. */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let quote: '"' | "'" | null = null;
  for (let at = 0; at < line.length; at++) {
    const char = line[at] as string;
    if (quote === "'" || quote === '"') {
      if (char === quote) quote = null;
      else if (quote === '"' && char === '\\' && /["\\$`]/.test(line[at + 1] ?? '')) word += line[++at] as string;
      else word += char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (char === '\\' && at + 1 < line.length) word = (word ?? '') + line[++at];
    else if (/\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + char;
  }
  if (quote) throw new Error(`The quote ${quote} is not closed.`);
  if (word !== null) words.push(word);
  return words;
}
