/** How the person wants consoles to behave; kept in this browser profile. */
import { readSetting, writeSetting } from '../state/storage.ts';

class Preferences {
  /** Terminals also tell a screen reader what they show. It costs speed, so it is off unless asked for. */
  screenReader = $state(readSetting('console.screenReader', false));
  wrapLogs = $state(readSetting('console.wrapLogs', true));

  setScreenReader(on: boolean): void {
    this.screenReader = on;
    writeSetting('console.screenReader', on);
  }

  setWrapLogs(on: boolean): void {
    this.wrapLogs = on;
    writeSetting('console.wrapLogs', on);
  }
}

export const preferences = new Preferences();
