/** Which browser shows the window when Electron is not here, and how it is started. */
import { join } from 'node:path';
import { findProgram } from './programs.js';

/** Browsers with app windows (no tabs, no address bar), in order of preference. */
const APP_BROWSERS = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'brave-browser',
  'brave',
  'microsoft-edge',
  'microsoft-edge-stable',
  'vivaldi',
];

/**
 * @typedef {object} Way
 * @property {'app' | 'tab' | 'none'} kind
 * @property {string} why for the line that says what is done
 * @property {string[]} argv
 */

/**
 * How the window at `url` is shown here.
 * @param {string} url
 * @param {object} host what is known of this machine; given by tests
 * @param {NodeJS.ProcessEnv} host.env
 * @param {number} host.uid
 * @param {(name: string) => string | null} [host.find]
 * @returns {Way}
 */
export function wayToShow(url, { env, uid, find = findProgram }) {
  if (!env.DISPLAY && !env.WAYLAND_DISPLAY) return { kind: 'none', why: 'there is no display here', argv: [] };
  for (const name of APP_BROWSERS) {
    const program = find(name);
    if (program) return { kind: 'app', why: `as an app window of ${name}`, argv: appWindow(program, url, env, uid) };
  }
  const opener = find('xdg-open');
  if (!opener) return { kind: 'none', why: 'no browser was found', argv: [] };
  return { kind: 'tab', why: 'in the default browser (no Chromium for an app window)', argv: [opener, url] };
}

/** @param {string} program @param {string} url @param {NodeJS.ProcessEnv} env @param {number} uid */
function appWindow(program, url, env, uid) {
  const cache = env.XDG_CACHE_HOME || join(env.HOME || '/tmp', '.cache');
  return [
    program,
    `--app=${url}`,
    // A profile of its own: no extension of the person's browser sees the window, and closing it ends the process.
    `--user-data-dir=${join(cache, 'guesthouse', 'window')}`,
    '--class=guesthouse',
    '--no-first-run',
    '--no-default-browser-check',
    // What newer Chromiums load for an address bar, which an app window has not: 2.5 s of processor time at each start.
    '--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup',
    // Chromium refuses to start as root otherwise; this profile only ever opens our own page.
    ...(uid === 0 ? ['--no-sandbox'] : []),
  ];
}
