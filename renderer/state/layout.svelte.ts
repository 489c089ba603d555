/** How the person arranged the window. Kept in this browser profile, never in the engine. */
import type { LanguageChoice } from '../messages/language.ts';
import { readSetting, whenChangedElsewhere, writeSetting } from './storage.ts';

export type Theme = 'system' | 'light' | 'dark' | 'contrast';
export type Density = 'dense' | 'comfortable';

/** Smallest and largest height of the dock; the page keeps the rest (px). */
export const DOCK_MIN_PX = 120;
export const DOCK_MAX_PX = 900;

class Layout {
  /** `auto` shows the rail's words where there is room for them. */
  #rail = $state<'auto' | 'open' | 'collapsed'>(readSetting('rail', 'auto'));
  /** Whether the window or the page needs the room of the rail's words; told by the frame. */
  tight = $state(false);
  readonly railCollapsed = $derived(this.#rail === 'collapsed' || (this.#rail === 'auto' && this.tight));
  /** Whether the dock with the consoles is shown. `openConsole` sets it. */
  dockOpen = $state(readSetting('dock', false));
  dockHeightPx = $state(readSetting('dockHeightPx', 212));
  theme = $state<Theme>(readSetting<Theme>('theme', 'system'));
  density = $state<Density>(readSetting<Density>('density', 'dense'));
  language = $state<LanguageChoice>(readSetting<LanguageChoice>('language', 'system'));

  toggleRail(): void {
    const collapsed = !this.railCollapsed;
    this.#rail = collapsed === this.tight ? 'auto' : collapsed ? 'collapsed' : 'open';
    writeSetting('rail', this.#rail);
  }

  toggleDock(open = !this.dockOpen): void {
    this.dockOpen = open;
    writeSetting('dock', open);
  }

  setDockHeight(px: number): void {
    const room = Math.max(DOCK_MIN_PX, Math.min(DOCK_MAX_PX, innerHeight - 240));
    this.dockHeightPx = Math.round(Math.min(room, Math.max(DOCK_MIN_PX, px)));
    writeSetting('dockHeightPx', this.dockHeightPx);
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    writeSetting('theme', theme);
  }

  setLanguage(language: LanguageChoice): void {
    this.language = language;
    writeSetting('language', language);
  }

  /** Takes over what another window chose. True when that is another language. */
  readLanguage(): boolean {
    const before = this.language;
    this.language = readSetting<LanguageChoice>('language', 'system');
    return this.language !== before;
  }

  setDensity(density: Density): void {
    this.density = density;
    writeSetting('density', density);
  }
}

export const layout = new Layout();
// Where the window is arranged otherwise (rail, dock) is each window's own.
whenChangedElsewhere('theme', () => {
  layout.theme = readSetting<Theme>('theme', 'system');
});
whenChangedElsewhere('density', () => {
  layout.density = readSetting<Density>('density', 'dense');
});
