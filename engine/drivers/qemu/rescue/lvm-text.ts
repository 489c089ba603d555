/** The syntax of lvm2's text (libdm/libdm-config.c): sections, values, lists. From a disk nobody vouches for. Pure. */

export type Value = string | number | readonly (string | number)[] | Section;
export interface Section extends Map<string, Value> {}

const MAX_DEPTH = 8;
const TOKEN = /\s+|#[^\n]*|"((?:[^"\\]|\\.)*)"|([A-Za-z_+.][\w+.-]*)|(-?\d{1,15}(?![\w.]))|([={}[\],])|[\w+.-]+/sy;

type Token =
  | { readonly word: string }
  | { readonly text: string }
  | { readonly number: number }
  | { readonly sign: string };

/** null: it is not of that syntax. */
export function parseLvmText(given: string): Section | null {
  const tokens = tokensOf(given.replace(/\0.*$/s, ''));
  if (!tokens) return null;
  let next = 0;
  const sign = () => {
    const token = tokens[next];
    return token !== undefined && 'sign' in token ? token.sign : null;
  };
  const simple = (): string | number | null => {
    const token = tokens[next++];
    if (token === undefined || 'sign' in token) return null;
    return 'number' in token ? token.number : 'text' in token ? token.text : token.word;
  };
  const list = (): (string | number)[] | null => {
    const found: (string | number)[] = [];
    for (next++; sign() !== ']'; ) {
      const one = simple();
      if (one === null) return null;
      found.push(one);
      if (sign() === ',') next++;
    }
    next++;
    return found;
  };
  const section = (depth: number): Section | null => {
    const found: Section = new Map();
    while (next < tokens.length && sign() !== '}') {
      const token = tokens[next++] as Token;
      // A volume may be called 2024, and a name is a word or a text.
      const name =
        'word' in token ? token.word : 'number' in token ? String(token.number) : 'text' in token ? token.text : null;
      if (name === null) return null;
      const between = sign();
      next++;
      let value: Value | null = null;
      if (between === '=') value = sign() === '[' ? list() : simple();
      else if (between === '{' && depth < MAX_DEPTH) {
        value = section(depth + 1);
        if (sign() !== '}') return null;
        next++;
      }
      if (value === null) return null;
      found.set(name, value);
    }
    return found;
  };
  const whole = section(0);
  return next < tokens.length ? null : whole;
}

function tokensOf(given: string): Token[] | null {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  for (let at = 0; at < given.length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const [whole, text, word, number, sign] = TOKEN.exec(given) ?? [];
    if (whole === undefined) return null;
    if (text !== undefined) tokens.push({ text: text.replace(/\\(.)/gs, '$1') });
    else if (word !== undefined) tokens.push({ word });
    else if (number !== undefined) tokens.push({ number: Number(number) });
    else if (sign !== undefined) tokens.push({ sign });
    else if (!/^[\s#]/.test(whole)) tokens.push({ word: whole });
  }
  return tokens;
}
