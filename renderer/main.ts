/**
 * Begins: asks the engine for everything while the window itself, ten times as much script, is still being read. It stays
 * small, so import nothing here that can wait.
 */
import './ui/tokens.css';
import './ui/base.css';
import './ui/controls.css';
import './ui/banners.css';
import './ui/floating.css';
import './ui/pages.css';
import './ui/contrast.css';
import { engine } from './bridge/index.ts';
import { house } from './state/house.svelte.ts';
import { samples } from './state/samples.svelte.ts';
import { readSetting } from './state/storage.ts';

engine.start();
house.start();
samples.start();
void import('./window.ts');
// The first look at what is kept here waits for the browser (some 25 ms): now, while the window is being read anyway.
setTimeout(() => readSetting('theme', null));
