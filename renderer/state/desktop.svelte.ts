/** Notices on the desktop: on or off for all of them, and only where the browser or the desktop allows them. */
import { readSetting, whenChangedElsewhere, writeSetting } from './storage.ts';

type Permission = NotificationPermission | 'unsupported';

class Desktop {
  /** What the person wants. */
  on = $state(readSetting('notices', true));
  permission = $state<Permission>('Notification' in window ? Notification.permission : 'unsupported');

  /** Turned on, the browser is asked for its permission. */
  async set(on: boolean): Promise<void> {
    this.on = on;
    writeSetting('notices', on);
    if (on) await this.allow();
  }

  async allow(): Promise<void> {
    if (!('Notification' in window)) return;
    const { permission } = Notification;
    this.permission = permission === 'default' ? await Notification.requestPermission() : permission;
  }

  /** `tag`: a later notice of the same one replaces it. `run`: what a click leads to. */
  tell(text: string, tag: string, run: () => void): void {
    if (!this.on || this.permission !== 'granted') return;
    try {
      const note = new Notification(text, { tag });
      note.onclick = () => {
        window.focus();
        run();
        note.close();
      };
    } catch {
      // Some browsers only allow it to workers; the window said it.
    }
  }
}

export const desktop = new Desktop();
whenChangedElsewhere('notices', () => {
  desktop.on = readSetting('notices', true);
});
