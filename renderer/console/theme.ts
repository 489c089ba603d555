/** The terminal's colours and type from the tokens. */
import type { ITheme } from '@xterm/xterm';
import { resolveColours } from '../ui/resolved-colours.ts';

const TOKENS = [
  '--term-bg',
  '--term-fg',
  '--term-dim',
  '--term-red',
  '--term-green',
  '--term-yellow',
  '--term-blue',
  '--term-magenta',
  '--term-cyan',
  '--bg-selected',
  '--bg-selected-idle',
  '--line-strong',
  '--text-3',
  '--mark',
  '--mark-current',
] as const;

export type TermColours = Record<(typeof TOKENS)[number], string>;

export const termColours = (host: Element): TermColours => resolveColours(host, TOKENS);

/**
 * Sixteen colours: bright is not another hue but the same one, as bold text is. Black is dark and white is light on either
 * ground, because programs paint with them too; as text on the ground they are made readable by `minimumContrastRatio`.
 */
export function xtermTheme(of: TermColours): ITheme {
  const grounds = [of['--term-bg'], of['--term-fg']] as const;
  const [black, white] = lightOf(grounds[0]) < lightOf(grounds[1]) ? grounds : [grounds[1], grounds[0]];
  return {
    background: of['--term-bg'],
    foreground: of['--term-fg'],
    cursor: of['--term-fg'],
    cursorAccent: of['--term-bg'],
    selectionBackground: of['--bg-selected'],
    selectionInactiveBackground: of['--bg-selected-idle'],
    overviewRulerBorder: of['--term-bg'],
    scrollbarSliderBackground: of['--line-strong'],
    scrollbarSliderHoverBackground: of['--text-3'],
    scrollbarSliderActiveBackground: of['--text-3'],
    black,
    brightBlack: of['--term-dim'],
    white,
    brightWhite: white,
    red: of['--term-red'],
    brightRed: of['--term-red'],
    green: of['--term-green'],
    brightGreen: of['--term-green'],
    yellow: of['--term-yellow'],
    brightYellow: of['--term-yellow'],
    blue: of['--term-blue'],
    brightBlue: of['--term-blue'],
    magenta: of['--term-magenta'],
    brightMagenta: of['--term-magenta'],
    cyan: of['--term-cyan'],
    brightCyan: of['--term-cyan'],
  };
}

/** Of what `resolveColours` gives, enough to tell dark from light: 0 to 255. */
function lightOf(colour: string): number {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

export interface TermType {
  readonly family: string;
  readonly sizePx: number;
  /** Factor on the font's own height that gives the token's line height. */
  readonly lineHeight: number;
}

/** `wished` before the window's own faces; what would end a name in CSS is left out of it. */
export function familyOf(wished: string, own: string): string {
  const name = wished.replace(/[^\p{L}\p{N} ._-]/gu, '').trim();
  return name === '' ? own : `"${name}", ${own}`;
}

/** `--font-mono` at a size (px; 0: `--fs-12`), with the line height that `--lh-12` is to `--fs-12`. */
export function termType(host: Element, askedPx: number, wished = ''): TermType {
  const probe = document.createElement('span');
  probe.hidden = true;
  probe.style.font = 'var(--fs-12) / var(--lh-12) var(--font-mono)';
  host.append(probe);
  const { fontFamily, fontSize, lineHeight } = getComputedStyle(probe);
  const family = familyOf(wished, fontFamily);
  probe.remove();
  const tokenPx = Number.parseFloat(fontSize) || 12;
  const sizePx = askedPx || tokenPx;
  const share = (Number.parseFloat(lineHeight) || 0) / tokenPx;
  const context = document.createElement('canvas').getContext('2d');
  let naturalPx = sizePx;
  if (context) {
    context.font = `${sizePx}px ${family}`;
    const metrics = context.measureText('W');
    naturalPx = metrics.fontBoundingBoxAscent + metrics.fontBoundingBoxDescent;
  }
  return { family, sizePx, lineHeight: Math.max(1, (share * sizePx) / naturalPx) };
}
