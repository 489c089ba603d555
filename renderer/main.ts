/** Starts the window: styles, theme, the link to the engine, then the frame. */
import { mount } from 'svelte';
import './ui/tokens.css';
import './ui/base.css';
import './ui/parts.css';
import App from './App.svelte';
import { engine } from './bridge/index.ts';
import PopOut from './console/PopOut.svelte';
import { parsePopOut } from './console/popout.ts';
import { startFeeds } from './state/index.ts';

const target = document.getElementById('window');
if (target) {
  engine.start();
  startFeeds();
  const popOut = parsePopOut(location.hash);
  if (popOut) mount(PopOut, { target, props: { place: popOut } });
  else mount(App, { target });
}
