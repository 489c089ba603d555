/** How the person wants consoles to behave; kept in this browser profile. */
import { readSetting, writeSetting } from '../state/storage.ts';

/** Guests whose console is remembered. */
const MOST_CONSOLES = 200;

class Preferences {
  /** Terminals also tell a screen reader what they show. It costs speed, so it is off unless asked for. */
  screenReader = $state(readSetting('console.screenReader', false));
  wrapLogs = $state(readSetting('console.wrapLogs', true));
  /** When each line was written stands before it. */
  logTimes = $state(readSetting('console.logTimes', false));

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

  setScreenReader(on: boolean): void {
    this.screenReader = on;
    writeSetting('console.screenReader', on);
  }

  setLogTimes(on: boolean): void {
    this.logTimes = on;
    writeSetting('console.logTimes', on);
  }

  setWrapLogs(on: boolean): void {
    this.wrapLogs = on;
    writeSetting('console.wrapLogs', on);
  }
}

export const preferences = new Preferences();
