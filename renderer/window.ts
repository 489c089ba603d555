/** The window: the frame, or one console in a window of its own. */
import { mount, unmount } from 'svelte';
import App from './App.svelte';
import { openConsole } from './console/dock.svelte.ts';
import PopOutPlace from './console/PopOutPlace.svelte';
import { parsePopOut } from './console/popout.ts';
import { keepPresses } from './frame/press.ts';
import { setConsoleOpener } from './state/index.ts';
import { startLanguage } from './state/language.ts';

const target = document.getElementById('window');
if (target) {
  setConsoleOpener(openConsole);
  keepPresses();
  let shown: Record<string, unknown> | null = null;
  void startLanguage(() => {
    // What is written already stays as it is, so all of it is written anew. What was entered lives in renderer/state.
    const again = shown !== null;
    const place = parsePopOut(location.hash);
    if (shown) void unmount(shown);
    shown = place ? mount(PopOutPlace, { target, props: { place } }) : mount(App, { target });
    if (again) document.querySelector<HTMLElement>('[data-language] [aria-checked="true"]')?.focus();
  });
}
