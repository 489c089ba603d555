/** Search in a terminal's scrollback, with the tokens' colours for matches. */
import type { SearchAddon } from '@xterm/addon-search';
import type { Terminal } from '@xterm/xterm';
import { type TermColours, xtermTheme } from './theme.ts';

export type SearchStep = 'next' | 'previous' | 'typed';

export function findIn(
  xterm: Terminal,
  search: SearchAddon,
  of: TermColours,
  text: string,
  step: SearchStep,
  caseSensitive = false,
): void {
  const current = hex(of['--mark-current']);
  const decorations = {
    matchBackground: hex(of['--mark']),
    matchOverviewRuler: current,
    activeMatchBackground: current,
    activeMatchColorOverviewRuler: current,
  };
  // The current match is the selection, whose colour would hide that of the match.
  xterm.options.theme = { ...xtermTheme(of), selectionInactiveBackground: of['--mark-current'] };
  // Typing looks from the end: what was written last is what one looks for.
  // What was found before is let go too: the addon counts anew for another text, but not for another case.
  if (step === 'typed') {
    search.clearDecorations();
    xterm.clearSelection();
  }
  if (step === 'next') search.findNext(text, { decorations, caseSensitive });
  else search.findPrevious(text, { decorations, caseSensitive });
}

export function endSearch(xterm: Terminal, search: SearchAddon, of: TermColours): void {
  search.clearDecorations();
  xterm.clearSelection();
  xterm.options.theme = xtermTheme(of);
}

/** The search addon takes nothing but `#RRGGBB`. */
function hex(colour: string): string {
  const parts = (colour.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
  return `#${parts.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;
}
