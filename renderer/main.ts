/** Starts the window: styles, the link to the engine, then the frame, or one console in a window of its own. */
import { mount } from 'svelte';
import './ui/tokens.css';
import './ui/base.css';
import './ui/parts.css';
import App from './App.svelte';
import { engine } from './bridge/index.ts';
import { openConsole } from './console/dock.svelte.ts';
import PopOut from './console/PopOut.svelte';
import { parsePopOut } from './console/popout.ts';
import { setConsoleOpener, startFeeds } from './state/index.ts';

const target = document.getElementById('window');
if (target) {
  engine.start();
  startFeeds();
  setConsoleOpener(openConsole);
  const place = parsePopOut(location.hash);
  if (place) mount(PopOut, { target, props: { place } });
  else mount(App, { target });
}
