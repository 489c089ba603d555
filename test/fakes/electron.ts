/**
 * As much of Electron as main/electron/main.ts touches, to run the compiled application under plain Node. It remembers
 * what it was told and lets a test play the window. It proves the wiring, not Electron's own promises.
 */
import { EventEmitter } from 'node:events';

type Handler = (...args: never[]) => unknown;

export const told: Record<string, unknown[]> = {};
const note = (name: string, value: unknown) => {
  told[name] ??= [];
  told[name].push(value);
};

class FakeApp extends EventEmitter {
  requestSingleInstanceLock = () => true;
  enableSandbox = () => note('sandbox', true);
  whenReady = () => Promise.resolve();
  setAboutPanelOptions = (options: unknown) => note('about', options);
  exit = (code: number) => process.exit(code);
  quit() {
    let prevented = false;
    this.emit('before-quit', { preventDefault: () => (prevented = true) });
    if (!prevented) this.emit('quit');
  }
}

class FakeWebContents extends EventEmitter {
  setWindowOpenHandler = (handler: Handler) => note('windowOpen', handler);
}

export class BrowserWindow extends EventEmitter {
  readonly webContents = new FakeWebContents();
  constructor(options: unknown) {
    super();
    note('window', options);
    note('webContents', this.webContents);
  }
  loadURL = async (url: string) => note('url', url);
  show = () => {};
  focus = () => note('focus', true);
  isMinimized = () => false;
}

export const app = new FakeApp();
export const ipcMain = new EventEmitter();
export const dialog = { showErrorBox: (title: string, text: string) => note('error', `${title}: ${text}`) };
export const Menu = {
  buildFromTemplate: (template: unknown) => template,
  setApplicationMenu: (menu: unknown) => note('menu', menu),
};
export const protocol = {
  registerSchemesAsPrivileged: (schemes: unknown) => note('schemes', schemes),
  handle: (scheme: string, handler: Handler) => note(`handler ${scheme}`, handler),
};
export const session = {
  defaultSession: {
    setPermissionRequestHandler: (handler: Handler) => note('permissionRequest', handler),
    setPermissionCheckHandler: (handler: Handler) => note('permissionCheck', handler),
    setDevicePermissionHandler: (handler: Handler) => note('devicePermission', handler),
  },
};
export const shell = { openExternal: async (url: string) => note('external', url) };
