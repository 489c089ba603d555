/** Makes the xterm.js terminal: its options, characters, and links. */
import '@xterm/xterm/css/xterm.css';
import { Unicode11Addon } from '@xterm/addon-unicode11';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { Terminal } from '@xterm/xterm';
import { boundCounts } from './bounds.ts';
import { type TermColours, termType, xtermTheme } from './theme.ts';

/** What a person sets once for all terminals. */
export interface TerminalOptions {
  /** A screen reader is told what the terminal shows; it costs speed. */
  readonly screenReader: boolean;
  /** Size of the type (px); 0: as the window's. */
  readonly fontPx: number;
  /** A font of this computer by its name; empty, or not there: the window's own. */
  readonly fontFamily: string;
  readonly cursor: 'block' | 'bar' | 'underline';
  readonly blink: boolean;
  /** Selecting by hand puts the text on the clipboard. */
  readonly copyOnSelect: boolean;
  /** Lines kept above the screen. */
  readonly scrollbackLines: number;
}

/** Also the width of the scroll bar (px). */
const RULER_PX = 10;
/** A guest's own colours were chosen for another ground; WCAG AA. */
const LEAST_CONTRAST = 4.5;

export interface LinkEvents {
  /** `shown`: the link's text is its target; false for OSC 8, whose text says what the guest likes. */
  activate(target: string, shown: boolean): void;
  /** The pointer is on a link; null: no longer. */
  hover(target: string | null): void;
}

/** `host`: where type and size are read; it is not opened yet. */
export function createXterm(
  host: Element,
  colours: TermColours,
  options: TerminalOptions,
  links: LinkEvents,
): Terminal {
  const type = termType(host, options.fontPx, options.fontFamily);
  const hovering = {
    hover: (_event: MouseEvent, text: string) => links.hover(text),
    leave: () => links.hover(null),
  };
  const xterm = new Terminal({
    allowProposedApi: true, // unicode and decorations
    scrollback: options.scrollbackLines,
    fontFamily: type.family,
    fontSize: type.sizePx,
    lineHeight: type.lineHeight,
    fontWeightBold: 600,
    theme: xtermTheme(colours),
    minimumContrastRatio: LEAST_CONTRAST,
    drawBoldTextInBrightColors: false,
    cursorStyle: options.cursor,
    cursorBlink: options.blink,
    cursorInactiveStyle: 'outline',
    screenReaderMode: options.screenReader,
    rightClickSelectsWord: false,
    overviewRuler: { width: RULER_PX },
    logLevel: 'off',
    linkHandler: { activate: (_event, text) => links.activate(text, false), ...hovering },
  });
  xterm.loadAddon(new WebLinksAddon((_event, text) => links.activate(text, true), hovering));
  xterm.loadAddon(new Unicode11Addon());
  xterm.unicode.activeVersion = '11';
  boundCounts(xterm);
  return xterm;
}
