/** The window's one way to the engine. */
import { Engine } from './link.svelte.ts';
import { openPort } from './port.ts';
import { openWebSocket } from './websocket.ts';

export type { LinkState } from './link.svelte.ts';
export { Engine } from './link.svelte.ts';

/** A connection that is not made within this is given up and tried again (ms). */
const CONNECT_MS = 5000;

/** Served by Electron under its own protocol, by `guesthouse serve` under http. */
const inElectron = !location.protocol.startsWith('http');

function connect() {
  if (inElectron) return openPort(CONNECT_MS);
  return openWebSocket(new URL('bridge', location.href).href.replace(/^http/, 'ws'), CONNECT_MS);
}

export const engine = new Engine(connect);
