/** The application: one instance, one engine, windows onto it. Nothing here knows what a guest is. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { app, dialog, ipcMain, Menu, protocol, session } from 'electron';
import { toErrorShape } from '../../engine/contract/errors.ts';
import { resolvePaths } from '../../engine/index.ts';
import { connectOrOpen, type Joined } from '../join.ts';
import { portCarrier } from './carrier.ts';
import { APP_SCHEME, isAllowedPermission, isOwnSender } from './guard.ts';
import { menuTemplate } from './menu.ts';
import { answer, loadPages } from './pages.ts';
import { openWindow, showWindow } from './window.ts';

/** From dist/electron/main/electron/main.js; the window's files are built beside dist/electron. */
const PAGES = fileURLToPath(new URL('../../../renderer/', import.meta.url));
const PRELOAD = fileURLToPath(new URL('./preload.cjs', import.meta.url));
const PACKAGE = new URL('../../../../package.json', import.meta.url);

// A second start shows the window of the first; it must not touch anything before it knows.
if (!app.requestSingleInstanceLock()) app.exit(0);
else begin();

function begin(): void {
  app.enableSandbox();
  protocol.registerSchemesAsPrivileged([
    // What was compiled is kept between starts, as a browser does for pages it fetched.
    { scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
  let joined: Promise<Joined> | null = null;
  let isEnding = false;

  app.on('second-instance', () => showWindow(PRELOAD));
  app.on('activate', () => showWindow(PRELOAD));
  app.on('window-all-closed', () => app.quit());
  app.on('before-quit', (event) => {
    if (isEnding || !joined) return;
    // Guests go on without us; only the history and the lock must be left in order.
    event.preventDefault();
    isEnding = true;
    joined
      .then((engine) => engine.close())
      .catch(() => {})
      .finally(() => app.quit());
  });

  ipcMain.on('guesthouse:connect', (event) => {
    const port = event.ports[0];
    if (!port) return;
    if (!isOwnSender(event.senderFrame)) return port.close();
    joined ??= findEngine(() => {
      joined = null;
    });
    joined.then(
      (engine) => engine.accept(portCarrier(port)),
      () => port.close(),
    );
  });

  app.whenReady().then(() => {
    const pages = loadPages(PAGES);
    protocol.handle(APP_SCHEME, (request) => answer(pages, request));
    const { defaultSession } = session;
    defaultSession.setPermissionRequestHandler((_contents, permission, decide, details) =>
      decide(isAllowedPermission(permission, details.requestingUrl)),
    );
    defaultSession.setPermissionCheckHandler((_contents, permission, origin) =>
      isAllowedPermission(permission, origin),
    );
    defaultSession.setDevicePermissionHandler(() => false);
    const { version } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string };
    app.setAboutPanelOptions({ applicationName: 'Guesthouse', applicationVersion: version });
    Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(() => openWindow(PRELOAD))));
    openWindow(PRELOAD);
  }, fail);
}

let lastTold = '';

/** `onGone`: the owner we had joined ended, or there is no engine; the page asks again, and that finds or opens another. */
async function findEngine(onGone: () => void): Promise<Joined> {
  try {
    const joined = await connectOrOpen({ paths: resolvePaths(), background: true });
    void joined.client.closed.then(onGone);
    return joined;
  } catch (error) {
    onGone();
    const { message, cause, hint } = toErrorShape(error);
    const text = [message, cause, hint].filter(Boolean).join('\n\n');
    // The page tries again and again; the person needs to be told once.
    if (text !== lastTold) dialog.showErrorBox('Guesthouse cannot open its data', text);
    lastTold = text;
    throw error;
  }
}

function fail(error: unknown): void {
  dialog.showErrorBox('Guesthouse did not start', toErrorShape(error).message);
  app.exit(1);
}
