/** The dock: its tabs, kept over reloads, and the acts on them. The sessions behind the tabs live in the engine. */
import { type ConsoleKind, type ConsoleSession, toErrorShape } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { house } from '../state/house.svelte.ts';
import { layout } from '../state/layout.svelte.ts';
import { readSetting, writeSetting } from '../state/storage.ts';
import { toasts } from '../state/toasts.svelte.ts';
import * as tabs from './dock-tabs.ts';
import { m } from './messages.ts';

const SETTING = 'dock.tabs';
/** What a shell takes as its size until the terminal told its own. */
const FIRST_SIZE = { columns: 80, rows: 24 };

class Dock {
  #tabs = $state.raw<tabs.DockTabs>(tabs.parseDock(readSetting<unknown>(SETTING, {})));
  /** Rises when the console that is shown should take the keyboard. */
  focusAsked = $state(0);
  /** The last one that was given it: one that asked before its pane was there is still to have it. */
  focusHeard = 0;
  /** Rises when the pane with the keyboard should open its menu, or its search. */
  menuAsked = $state(0);
  searchAsked = $state(0);
  /** Rises when what the shown console shows should be saved. */
  savingAsked = $state(0);

  get panes(): readonly tabs.DockPane[] {
    return this.#tabs.panes;
  }

  get focus(): number {
    return this.#tabs.focus;
  }

  /** Opens a console or shows the one that is open. A further program (`exec`) is started anew each time. */
  async open(guest: string, kind: ConsoleKind, quietly = false): Promise<void> {
    layout.toggleDock(true);
    if (kind !== 'exec') {
      this.#set(tabs.openTab(this.#tabs, tabs.makeTab(guest, kind)));
      if (!quietly) this.focusAsked += 1;
      return;
    }
    this.#take(guest, await this.exec(guest));
  }

  #take(guest: string, session: ConsoleSession | null): void {
    if (!session) return;
    this.#set(tabs.openTab(this.#tabs, tabs.makeTab(guest, 'exec', session.id, session.title)));
    this.focusAsked += 1;
  }

  /** Starts the best shell the guest's image has; null and a notice when it cannot. */
  async exec(guest: string, borrowed = false): Promise<ConsoleSession | null> {
    try {
      return await engine.call('consoles.exec', {
        guest,
        command: [],
        tty: true,
        ...FIRST_SIZE,
        ...(borrowed ? { borrowed } : {}),
      });
    } catch (thrown) {
      const { message, hint, subject } = toErrorShape(thrown);
      // An image without a shell: ours can be lent.
      if (subject === 'shell' && !borrowed)
        toasts.show(message, {
          label: m.lend,
          run: () => void this.exec(guest, true).then((it) => this.#take(guest, it)),
        });
      else toasts.show(hint ? `${message} ${hint}` : message);
      return null;
    }
  }

  /** A fresh program in the place of one that ended. */
  async again(pane: number, tab: tabs.DockTab): Promise<void> {
    const session = await this.exec(tab.guest);
    if (!session) return;
    this.#set(tabs.replaceTab(this.#tabs, pane, tab.key, tabs.makeTab(tab.guest, 'exec', session.id, session.title)));
    this.focusAsked += 1;
  }

  show(pane: number, key: string): void {
    this.#set(tabs.showTab(this.#tabs, pane, key));
    this.focusAsked += 1;
  }

  /** Ends nothing but the tab. */
  close(pane: number, key: string): void {
    this.#set(tabs.closeTab(this.#tabs, pane, key));
    this.focusAsked += 1;
  }

  closeShown(): void {
    const { shown } = this.panes[this.focus] ?? {};
    if (shown) this.close(this.focus, shown);
  }

  /** Ends a further program and its tab. */
  async end(pane: number, tab: tabs.DockTab): Promise<void> {
    if (tab.session === null) return;
    try {
      await engine.call('consoles.close', { session: tab.session });
    } catch (thrown) {
      const error = toErrorShape(thrown);
      if (error.code !== 'not-found') {
        toasts.show(error.message);
        return;
      }
    }
    this.close(pane, tab.key);
  }

  cycle(step: 1 | -1): void {
    this.#set(tabs.cycleTab(this.#tabs, step));
    this.focusAsked += 1;
  }

  split(): void {
    this.#set(tabs.splitDock(this.#tabs));
    this.focusAsked += 1;
  }

  join(): void {
    this.#set(tabs.joinDock(this.#tabs));
    this.focusAsked += 1;
  }

  /** See `moveTab`. */
  move(from: number, key: string, to: number, before: string | null): void {
    this.#set(tabs.moveTab(this.#tabs, from, key, to, before));
    this.focusAsked += 1;
  }

  enter(pane: number): void {
    this.#set(tabs.focusPane(this.#tabs, pane));
  }

  /** Forgets the tabs of guests that were deleted. */
  forgetDeleted(): void {
    if (house.loaded) this.#set(tabs.keepGuests(this.#tabs, (guest) => house.guests.has(guest)));
  }

  #set(next: tabs.DockTabs): void {
    if (next === this.#tabs) return;
    this.#tabs = next;
    writeSetting(SETTING, next);
  }
}

export const dock = new Dock();

/** What the rest of the window calls to show a console. */
export const openConsole = (guestId: string, kind: ConsoleKind, quietly?: boolean): void =>
  void dock.open(guestId, kind, quietly);
