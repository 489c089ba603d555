/** The design's tokens as the page has them: read from its own style sheets, so that none is forgotten. */

export type TokenKind = 'colour' | 'length' | 'other';

export interface Token {
  /** With its dashes: `--s-8`. */
  readonly name: string;
  readonly kind: TokenKind;
  /** As written. */
  readonly value: string;
}

const COLOUR = /^(light-dark\(|#|rgba?\(|color-mix\(|oklch\()/;
const LENGTH = /^-?\d+(\.\d+)?px$/;

/** Pure. */
export function kindOf(value: string): TokenKind {
  if (COLOUR.test(value)) return 'colour';
  return LENGTH.test(value) ? 'length' : 'other';
}

/** Of the rules that hold for the whole page, in the order they are written; each once. */
export function tokensOf(sheets: Iterable<CSSStyleSheet>): readonly Token[] {
  const found = new Map<string, Token>();
  for (const sheet of sheets)
    for (const rule of sheet.cssRules) {
      if (!(rule instanceof CSSStyleRule) || !/^:root(,|$)/.test(rule.selectorText)) continue;
      for (const name of rule.style) {
        if (!name.startsWith('--') || found.has(name)) continue;
        const value = rule.style.getPropertyValue(name).trim();
        found.set(name, { name, kind: kindOf(value), value });
      }
    }
  return [...found.values()];
}
