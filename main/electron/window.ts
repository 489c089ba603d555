/** Windows, each a sandboxed page of ours that can go nowhere else: the whole house, or one console of it. */
import { BrowserWindow, shell } from 'electron';
import { APP_ORIGIN, isOwnPage, isPopOut, isWebAddress } from './guard.ts';

/** Below this the guest list and one console no longer fit side by side (CSS pixels). */
const MIN_WIDTH = 720;
const MIN_HEIGHT = 480;

const MAIN = { width: 1280, height: 800, minWidth: MIN_WIDTH, minHeight: MIN_HEIGHT };
const POP_OUT = { width: 900, height: 600, minWidth: 320, minHeight: 200 };

/** Windows of the whole house, oldest first. */
const mains = new Set<BrowserWindow>();
/** Consoles in windows of their own, by address. */
const popOuts = new Map<string, BrowserWindow>();

/** Brings a window to the front, or opens one. */
export function showWindow(preload: string): void {
  const [window] = mains;
  if (window) toFront(window);
  else openWindow(preload);
}

function toFront(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}

export function openWindow(preload: string): BrowserWindow {
  const window = open(preload, `${APP_ORIGIN}/index.html`, MAIN);
  mains.add(window);
  window.once('closed', () => mains.delete(window));
  return window;
}

/** Once for each address. */
function openPopOut(preload: string, url: string): void {
  const there = popOuts.get(url);
  if (there) {
    toFront(there);
    return;
  }
  const window = open(preload, url, POP_OUT);
  popOuts.set(url, window);
  window.once('closed', () => popOuts.delete(url));
}

function open(preload: string, url: string, size: typeof MAIN): BrowserWindow {
  const window = new BrowserWindow({
    title: 'Guesthouse',
    ...size,
    // Shown once painted, so that nobody sees an empty white frame.
    show: false,
    autoHideMenuBar: true,
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      webSecurity: true,
      spellcheck: false,
    },
  });
  const { webContents } = window;
  webContents.setWindowOpenHandler(({ url }) => {
    // Never a window of Chromium's own making, which would have neither this sandbox nor these rules.
    if (isPopOut(url)) openPopOut(preload, url);
    // Links in a console's output open in the person's own browser.
    else if (isWebAddress(url)) void shell.openExternal(url);
    return { action: 'deny' };
  });
  const stay = (event: { preventDefault(): void; url: string }) => {
    if (!isOwnPage(event.url)) event.preventDefault();
  };
  webContents.on('will-navigate', stay);
  webContents.on('will-redirect', stay);
  webContents.on('will-frame-navigate', stay);
  webContents.on('will-attach-webview', (event) => event.preventDefault());
  window.once('ready-to-show', () => window.show());
  window.loadURL(url).catch(() => window.show()); // the page shows its own error
  return window;
}
