/** What can be done to the window itself. */
import { m } from '../messages.ts';
import { type Command, command } from './command.ts';
import { desktop } from './desktop.svelte.ts';
import { chooseLanguage } from './language.ts';
import { layout } from './layout.svelte.ts';
import { overlays } from './overlays.svelte.ts';
import { SECTIONS } from './path.ts';
import { route } from './route.svelte.ts';
import { tourCommand } from './tour.svelte.ts';
import { undoCommand } from './trash.svelte.ts';

export function windowCommands(): Command[] {
  const undo = undoCommand();
  return [
    ...(undo ? [undo] : []),
    command({
      id: 'window.new-guest',
      title: m.frame.newGuest,
      icon: 'plus',
      keys: 'Alt N',
      words: 'create',
      run: () => route.go({ view: 'new' }),
    }),
    command({
      id: 'window.palette',
      title: m.frame.search,
      icon: 'search',
      keys: 'Ctrl K',
      run: () => {
        overlays.palette = !overlays.palette;
      },
    }),
    ...SECTIONS.map((section, i) =>
      command({
        id: `window.section.${section}`,
        title: m.frame.openSection(section),
        icon: section,
        keys: `Ctrl ${i + 1}`,
        run: () => route.section(section),
      }),
    ),
    command({
      id: 'window.rail',
      title: layout.railCollapsed ? m.frame.expandRail : m.frame.collapseRail,
      icon: 'rail',
      keys: 'Ctrl B',
      run: () => layout.toggleRail(),
    }),
    command({
      id: 'window.dock',
      title: m.frame.toggleDock,
      icon: 'dock',
      keys: 'Ctrl J',
      run: () => layout.toggleDock(),
    }),
    ...(['system', 'light', 'dark', 'contrast'] as const).map((theme) =>
      command({
        id: `window.theme.${theme}`,
        title: `${m.settings.theme}: ${m.settings.themes[theme]}`,
        icon: 'settings',
        words: 'appearance',
        run: () => layout.setTheme(theme),
      }),
    ),
    ...(['dense', 'comfortable'] as const).map((density) =>
      command({
        id: `window.density.${density}`,
        title: `${m.settings.density}: ${m.settings.densities[density]}`,
        icon: 'settings',
        words: 'appearance compact rows',
        run: () => layout.setDensity(density),
      }),
    ),
    ...(['system', 'en', 'de'] as const).map((language) =>
      command({
        id: `window.language.${language}`,
        title: `${m.settings.language}: ${m.settings.languages[language]}`,
        icon: 'settings',
        words: 'language sprache',
        run: () => chooseLanguage(language),
      }),
    ),
    ...(['on', 'off'] as const).map((value) =>
      command({
        id: `window.notices.${value}`,
        title: `${m.settings.onDesktop}: ${m.settings.onOff[value]}`,
        icon: 'settings',
        words: 'notifications desktop',
        run: () => desktop.set(value === 'on'),
      }),
    ),
    command({
      id: 'window.design',
      title: m.design.title,
      icon: 'settings',
      words: 'tokens colours icons components style',
      run: () => route.go({ view: 'design' }),
    }),
    tourCommand(),
    command({
      id: 'window.keys',
      title: m.frame.keys.title,
      icon: 'keys',
      keys: '?',
      run: () => {
        overlays.keys = true;
      },
    }),
  ];
}
