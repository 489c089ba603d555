/** One xterm.js terminal in one element, with everything around it that does not need the engine. */
import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import type { Terminal } from '@xterm/xterm';
import { onThemeChange } from '../ui/resolved-colours.ts';
import { createXterm, type TerminalOptions } from './emulator.ts';
import { tellHeight } from './height.ts';
import { reservedKey } from './keys.ts';
import { safeTarget } from './links.ts';
import { asPasted, type Paste, pastedIn, preparePaste } from './paste.ts';
import { keepQuiet } from './quiet.ts';
import { isReport } from './reports.ts';
import { endSearch, findIn, type SearchStep } from './terminal-search.ts';
import { type TermColours, termColours, termType, xtermTheme } from './theme.ts';
import { textOf } from './transcript.ts';
import { useWebgl } from './webgl.ts';

/** The program is told of a new size when it stood still for this long (ms): a drag is hundreds of sizes. */
const RESIZE_SETTLE_MS = 100;
/** CAN ends whatever sequence was half written, RIS resets: in its place between the bytes, unlike `reset()`. */
const RESET = '\x18\x1bc';

export interface TerminalEvents {
  onInput(bytes: Uint8Array): void;
  /** The same, when a person typed or pasted it. */
  onTyped(text: string): void;
  onResize(columns: number, rows: number): void;
  /** A paste that must be asked about. `go` pastes it. */
  onAsk(paste: Paste, go: () => void): void;
  /** A link was chosen. `shown`: its text is its target, so that nothing was disguised. */
  onLink(target: string, shown: boolean): void;
  /** The pointer is on a link; null: no longer. */
  onHover(target: string | null): void;
  onResults(index: number, count: number): void;
  onCopied(): void;
  onClipboardRefused(): void;
}

export class ConsoleTerminal {
  readonly #xterm: Terminal;
  readonly #fit = new FitAddon();
  readonly #search = new SearchAddon({ highlightLimit: 1000 });
  readonly #host: HTMLElement;
  readonly #events: TerminalEvents;
  readonly #encoder = new TextEncoder();
  #colours: TermColours;
  #options: TerminalOptions;
  #replaying = false;
  #replayLeft = 0;
  #visible = false;
  #webglOff: (() => void) | null = null;
  #webglLost = false;
  #resizeTimer: ReturnType<typeof setTimeout> | null = null;
  #told = '';
  #ends: (() => void)[] = [];
  /** Line ends as a program without a terminal expects them. */
  tty = true;

  constructor(host: HTMLElement, events: TerminalEvents, options: TerminalOptions) {
    this.#host = host;
    this.#events = events;
    this.#colours = termColours(host);
    this.#options = options;
    this.#xterm = createXterm(host, this.#colours, options, {
      activate: (text, shown) => this.#link(text, shown),
      hover: events.onHover,
    });
    for (const addon of [this.#fit, this.#search]) this.#xterm.loadAddon(addon);
    keepQuiet(this.#xterm.parser, () => this.#replaying, events.onClipboardRefused);
    this.#xterm.attachCustomKeyEventHandler((event) => this.#key(event));
    this.#xterm.onData((text) => {
      events.onInput(this.#encode(text));
      if (!isReport(text)) events.onTyped(text);
    });
    this.#xterm.onBinary((text) => events.onInput(Uint8Array.from(text, (byte) => byte.charCodeAt(0))));
    this.#search.onDidChangeResults(({ resultIndex, resultCount }) => events.onResults(resultIndex, resultCount));
    this.#xterm.open(host);
    const screen = host.querySelector<HTMLElement>('.xterm-screen');
    if (screen) tellHeight(screen);
    this.#listen();
  }

  get columns(): number {
    return this.#xterm.cols;
  }

  get rows(): number {
    return this.#xterm.rows;
  }

  /** What follows is old: the screen starts anew, and the next `bytes` bytes are not answered. */
  replay(bytes: number): void {
    this.#replayLeft = bytes;
    this.#xterm.write(RESET, () => {
      this.#replaying = bytes > 0;
    });
  }

  /** `done` is called when the bytes were parsed, which is when they count as consumed. */
  write(bytes: Uint8Array, done: () => void): void {
    const old = Math.min(this.#replayLeft, bytes.length);
    this.#replayLeft -= old;
    if (old > 0 && this.#replayLeft === 0) {
      this.#xterm.write(bytes.subarray(0, old), () => {
        this.#replaying = false;
        if (old === bytes.length) done();
      });
      if (old < bytes.length) this.#xterm.write(bytes.subarray(old), done);
    } else this.#xterm.write(bytes, done);
  }

  setTty(tty: boolean): void {
    this.tty = tty;
    this.#xterm.options.convertEol = !tty;
  }

  /** A hidden terminal parses but does not draw, and gives its place on the GPU to another. */
  setVisible(visible: boolean): void {
    if (visible === this.#visible) return;
    this.#visible = visible;
    if (visible) {
      this.fit();
      if (!this.#webglLost) void this.#useGpu();
    } else {
      this.#webglOff?.();
      this.#webglOff = null;
    }
  }

  setOptions(options: TerminalOptions): void {
    this.#options = options;
    this.#xterm.options.screenReaderMode = options.screenReader;
    this.#xterm.options.cursorStyle = options.cursor;
    this.#xterm.options.cursorBlink = options.blink;
    this.#xterm.options.scrollback = options.scrollbackLines;
    this.#dress();
  }

  focus(): void {
    this.#xterm.focus();
  }

  /** Sends what was typed elsewhere to this program too. */
  type(text: string): void {
    const pasted = pastedIn(text);
    const send = (typed: string) => this.#events.onInput(this.#encode(typed));
    if (pasted === null) {
      send(text);
      return;
    }
    // Whether this program can tell pasted text from typed text is for its own terminal to know.
    const bracketed = this.#xterm.modes.bracketedPasteMode;
    const paste = preparePaste(pasted, bracketed);
    const go = () => send(asPasted(paste.text, bracketed));
    if (paste.ask) this.#events.onAsk(paste, go);
    else go();
  }

  /** Everything it shows and has above the screen, a line each as the program wrote it. */
  text(): string {
    return textOf(this.#xterm.buffer.normal);
  }

  /** Looks for a text; the empty text ends the search. */
  find(text: string, step: SearchStep, caseSensitive = false): void {
    if (text !== '') findIn(this.#xterm, this.#search, this.#colours, text, step, caseSensitive);
    else {
      endSearch(this.#xterm, this.#search, this.#colours);
      this.#events.onResults(-1, 0);
    }
  }

  fit(): void {
    if (!this.#visible || this.#host.clientWidth < 20 || this.#host.clientHeight < 20) return;
    this.#fit.fit();
  }

  async copy(): Promise<void> {
    const text = this.#xterm.getSelection();
    if (text === '') return;
    try {
      await navigator.clipboard.writeText(text);
      this.#events.onCopied();
    } catch {
      // Not the focused window: the browser refuses, and the selection stays to be copied by hand.
    }
  }

  paste(text: string): void {
    const paste = preparePaste(text, this.#xterm.modes.bracketedPasteMode);
    if (paste.text === '') return;
    const go = () => this.#xterm.paste(paste.text);
    if (paste.ask) this.#events.onAsk(paste, go);
    else go();
  }

  dispose(): void {
    for (const end of this.#ends) end();
    if (this.#resizeTimer) clearTimeout(this.#resizeTimer);
    this.#webglOff?.();
    this.#xterm.dispose();
  }

  #listen(): void {
    const host = this.#host;
    const observer = new ResizeObserver(() => this.fit());
    observer.observe(host);
    const onPaste = (event: ClipboardEvent) => {
      event.preventDefault();
      event.stopPropagation();
      this.paste(event.clipboardData?.getData('text/plain') ?? '');
    };
    // Selecting copies, but only by hand: a search selects too.
    const onPointerUp = () => {
      if (this.#options.copyOnSelect) void this.copy();
    };
    host.addEventListener('paste', onPaste, true);
    host.addEventListener('pointerup', onPointerUp);
    const endTheme = onThemeChange(() => this.#dress());
    this.#xterm.onResize(() => this.#tellSoon());
    void document.fonts.ready.then(() => this.fit());
    this.#ends.push(() => {
      observer.disconnect();
      host.removeEventListener('paste', onPaste, true);
      host.removeEventListener('pointerup', onPointerUp);
      endTheme();
    });
  }

  #dress(): void {
    this.#colours = termColours(this.#host);
    this.#xterm.options.theme = xtermTheme(this.#colours);
    const type = termType(this.#host, this.#options.fontPx, this.#options.fontFamily);
    this.#xterm.options.fontFamily = type.family;
    this.#xterm.options.fontSize = type.sizePx;
    this.#xterm.options.lineHeight = type.lineHeight;
    this.fit();
  }

  /** Tells the size at once, to a session just opened. */
  tellSize(): void {
    this.#told = '';
    this.#tell();
  }

  #tellSoon(): void {
    if (this.#resizeTimer) clearTimeout(this.#resizeTimer);
    this.#resizeTimer = setTimeout(() => this.#tell(), RESIZE_SETTLE_MS);
  }

  #tell(): void {
    const size = `${this.columns} ${this.rows}`;
    // Hidden or never shown: the size is xterm's own default, not the person's.
    if (size === this.#told || !this.#visible) return;
    this.#told = size;
    this.#events.onResize(this.columns, this.rows);
  }

  /** Nobody reads what is typed any more. A replay shows the cursor again. */
  hideCursor(): void {
    this.#xterm.write('\x1b[?25l');
  }

  #encode(text: string): Uint8Array {
    return this.#encoder.encode(this.tty ? text : text.replaceAll('\r', '\n'));
  }

  /** False: not the guest's. */
  #key(event: KeyboardEvent): boolean {
    const key = reservedKey(event);
    if (key === null) return true;
    if (event.type === 'keydown' && key === 'Ctrl Shift C') {
      event.preventDefault();
      void this.copy();
    }
    // Ctrl Shift V is left to the browser, whose paste event needs no permission.
    return false;
  }

  #link(text: string, shown: boolean): void {
    const target = safeTarget(text);
    if (target) this.#events.onLink(target, shown);
  }

  async #useGpu(): Promise<void> {
    const off = await useWebgl(this.#xterm, () => {
      this.#webglOff = null;
      this.#webglLost = true;
    });
    if (this.#visible && !this.#webglOff) this.#webglOff = off;
    else off?.();
  }
}
