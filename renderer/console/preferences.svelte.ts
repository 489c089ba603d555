/** How the person wants consoles to behave; kept in this browser profile. */
import { readSetting, whenChangedElsewhere, writeSetting } from '../state/storage.ts';
import type { TerminalOptions } from './emulator.ts';
import type { Scale } from './screen.svelte.ts';

/** Guests whose console is remembered. */
const MOST_CONSOLES = 200;

const TERMINAL: TerminalOptions = {
  screenReader: false,
  fontPx: 0,
  fontFamily: '',
  cursor: 'block',
  blink: false,
  copyOnSelect: true,
  scrollbackLines: 10_000,
};
/** Type sizes of a terminal (px). */
export const FONT_PX = { least: 8, most: 32, usual: 12 };

/** Whose colours a terminal has. */
export type TerminalTheme = 'window' | 'light' | 'dark';

class Preferences {
  terminal = $state.raw<TerminalOptions>(readTerminal());
  terminalTheme = $state<TerminalTheme>(readSetting<TerminalTheme>('console.theme', 'window'));
  wrapLogs = $state(readSetting('console.wrapLogs', true));
  /** When each line was written stands before it. */
  logTimes = $state(readSetting('console.logTimes', false));

  /** How machines' screens are shown. */
  scale = $state<Scale>(readSetting<Scale>('console.scale', 'fit'));

  /** The console last looked at, by guest; the newest last. */
  #consoles = readSetting<Record<string, string>>('console.of', {});

  consoleOf(guestId: string): string | null {
    return this.#consoles[guestId] ?? null;
  }

  keepConsole(guestId: string, key: string): void {
    const { [guestId]: _, ...others } = this.#consoles;
    this.#consoles = Object.fromEntries([...Object.entries(others), [guestId, key]].slice(-MOST_CONSOLES));
    writeSetting('console.of', this.#consoles);
  }

  setTerminal(change: Partial<TerminalOptions>): void {
    this.terminal = { ...this.terminal, ...change };
    writeSetting('console.terminal', this.terminal);
  }

  /** Larger or smaller type by so many pixels. */
  growFont(byPx: number): void {
    const px = (this.terminal.fontPx || FONT_PX.usual) + byPx;
    this.setTerminal({ fontPx: Math.min(FONT_PX.most, Math.max(FONT_PX.least, px)) });
  }

  setTerminalTheme(theme: TerminalTheme): void {
    this.terminalTheme = theme;
    writeSetting('console.theme', theme);
  }

  setLogTimes(on: boolean): void {
    this.logTimes = on;
    writeSetting('console.logTimes', on);
  }

  setScale(scale: Scale): void {
    this.scale = scale;
    writeSetting('console.scale', scale);
  }

  setWrapLogs(on: boolean): void {
    this.wrapLogs = on;
    writeSetting('console.wrapLogs', on);
  }
}

export const preferences = new Preferences();
whenChangedElsewhere('console.terminal', () => {
  preferences.terminal = readTerminal();
});
whenChangedElsewhere('console.theme', () => {
  preferences.terminalTheme = readSetting<TerminalTheme>('console.theme', 'window');
});

function readTerminal(): TerminalOptions {
  return { ...TERMINAL, ...readSetting<Partial<TerminalOptions>>('console.terminal', {}) };
}
