/** What can be done to the consoles of the dock, for the palette. */
import { type Command, command } from '../state/command.ts';
import { house } from '../state/house.svelte.ts';
import { layout } from '../state/layout.svelte.ts';
import { dock } from './dock.svelte.ts';
import type { DockTab } from './dock-tabs.ts';
import { m } from './messages.ts';
import { popOut } from './popout.ts';
import { preferences } from './preferences.svelte.ts';
import { sharing } from './sharing.svelte.ts';

const WORDS = 'console terminal dock';

export function dockCommands(): Command[] {
  const pane = dock.panes[dock.focus];
  const shown = pane?.tabs.find((tab) => tab.key === pane.shown);
  const whyNone = shown ? null : m.noneOpen;
  const isTerminal = shown !== undefined && !['display', 'log', 'monitor'].includes(shown.kind);
  const act = (id: string, title: string, icon: Command['icon'], run: () => void, why: string | null = null) =>
    command({ id: `dock.${id}`, title, icon, words: WORDS, why, run });
  const on = (run: (tab: DockTab) => void) => () => shown && run(shown);
  const count = dock.panes.length;
  return [
    count > 1 ? act('join', m.join, 'dock', () => dock.join()) : act('split', m.split, 'dock', split, whyNone),
    act('pop-out', named(m.popOut, shown), 'max', on(popOut), whyNone),
    act('search', named(m.search, shown), 'search', () => (dock.searchAsked += 1), whyNone),
    act('save', named(m.saveText, shown), 'export', () => (dock.savingAsked += 1), isTerminal ? null : m.noTerminal),
    act(
      'together',
      named(m.typeTogether, shown),
      'keys',
      on(({ key }) => toggle(key)),
      isTerminal ? null : m.noTerminal,
    ),
    act('together-all', m.typeAll, 'keys', () => sharing.joinAll(), isTerminal ? null : m.noTerminal),
    act('larger', m.larger, 'plus', () => preferences.growFont(1)),
    act('smaller', m.smaller, 'min', () => preferences.growFont(-1)),
    act('close', shown ? m.closeNamed(titleOf(shown)) : m.closeShown, 'close', () => dock.closeShown(), whyNone),
    ...(shown?.kind === 'exec'
      ? [
          act(
            'end',
            m.endProgram(shown.title),
            'kill',
            on((tab) => void dock.end(dock.focus, tab)),
          ),
        ]
      : []),
    ...(['window', 'light', 'dark'] as const).map((theme) =>
      act(`theme.${theme}`, `${m.settings.title}, ${m.settings.colours}: ${m.settings.themes[theme]}`, 'settings', () =>
        preferences.setTerminalTheme(theme),
      ),
    ),
  ];
}

function split(): void {
  layout.toggleDock(true);
  dock.split();
}

const toggle = (key: string) => (sharing.group.has(key) ? sharing.leave(key) : sharing.join(key));
const titleOf = (tab: DockTab) => `${house.guests.get(tab.guest)?.name ?? ''} ${m.kind(tab.kind, tab.title)}`;
const named = (act: string, tab: DockTab | undefined) => (tab ? `${act}: ${titleOf(tab)}` : act);
