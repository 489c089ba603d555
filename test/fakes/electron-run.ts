/**
 * Run as a program of its own: loads the compiled application over the fake Electron, plays the window once, and prints
 * what happened as one line of JSON. The first argument is the compiled main file.
 */
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { MessageChannel } from 'node:worker_threads';
import { createClient } from '../../engine/contract/client.ts';
import { portCarrier } from '../../main/electron/carrier.ts';
import { app, ipcMain, told } from './electron.ts';

const fake = new URL('./electron.ts', import.meta.url).href;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' ? { url: fake, shortCircuit: true } : next(specifier, context),
});
await import(pathToFileURL(process.argv[2] as string).href);
await new Promise((resolve) => setTimeout(resolve, 100));

/** Electron's port hands over an event, Node's the message itself. */
function electronPort(port: InstanceType<typeof MessageChannel>['port1']) {
  return {
    postMessage: (message: unknown) => port.postMessage(message),
    on: (event: string, listener: (event: { data: unknown }) => void) =>
      port.on(event, (data: unknown) => listener({ data })),
    start: () => port.start(),
    close: () => port.close(),
  };
}

function connectFrom(url: string) {
  const { port1, port2 } = new MessageChannel();
  const client = createClient(portCarrier(electronPort(port2)));
  ipcMain.emit('guesthouse:connect', { senderFrame: { url, parent: null }, ports: [electronPort(port1)] });
  return client;
}

const stranger = connectFrom('https://example.org/');
const refused = await stranger.closed;
const client = connectFrom('app://guesthouse/index.html');
const guests = await client.call('guests.list', {});
const handler = (told['handler app'] as ((request: { url: string; method: string }) => Response)[])[0];
const page = handler?.({ url: 'app://guesthouse/index.html', method: 'GET' });
const outside = handler?.({ url: 'app://guesthouse/..%2f..%2fpackage.json', method: 'GET' });
const openWindow = (told.windowOpen as ((details: { url: string }) => unknown)[])[0];
const preferences = () => (told.window as { webPreferences: object }[]).map(({ webPreferences }) => webPreferences);
const popOut = 'app://guesthouse/index.html#/console/ab12/main';
const popups = ['file:///etc/passwd', 'https://example.org/', popOut, popOut].map((url) => openWindow?.({ url }));

const ended = new Promise((resolve) => app.once('quit', resolve));
app.quit();
await ended;
process.stdout.write(
  `${JSON.stringify({ guests, refused, page: page?.status, policy: page?.headers.get('content-security-policy'), outside: outside?.status, popups, external: told.external, webPreferences: preferences(), url: told.url, focus: told.focus, errors: told.error ?? [] })}\n`,
);
process.exit(0);
