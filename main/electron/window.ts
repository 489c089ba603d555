/** One window: a sandboxed page of ours that can go nowhere else. */
import { BrowserWindow, shell } from 'electron';
import { APP_ORIGIN, isOwnPage, isWebAddress } from './guard.ts';

/** Below this the guest list and one console no longer fit side by side (CSS pixels). */
const MIN_WIDTH = 720;
const MIN_HEIGHT = 480;

/** Brings the last window to the front, or opens one. */
export function showWindow(preload: string): void {
  const window = BrowserWindow.getAllWindows()[0];
  if (!window) return void openWindow(preload);
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}

export function openWindow(preload: string): BrowserWindow {
  const window = new BrowserWindow({
    title: 'Guesthouse',
    width: 1280,
    height: 800,
    minWidth: MIN_WIDTH,
    minHeight: MIN_HEIGHT,
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
    // Links in a console's output open in the person's own browser, never in a window of ours.
    if (isWebAddress(url)) void shell.openExternal(url);
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
  window.loadURL(`${APP_ORIGIN}/index.html`).catch(() => window.show()); // the page shows its own error
  return window;
}
