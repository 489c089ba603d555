/**
 * The contract over a MessagePort that the Electron preload hands in. The window asks by posting
 * `{ type: 'guesthouse:connect' }` to itself; the preload answers with `{ type: 'guesthouse:port' }` and the port as
 * `ports[0]`. On the port, messages are plain objects and stream bytes are `encodeBytes()` as Uint8Array.
 * A last message `{ t: 'bye', reason }` says that the far side is gone (a port has no close event everywhere).
 */
import { type Carrier, type ClientMessage, decodeBytes, encodeBytes } from '../../engine/contract/index.ts';
import type { Connection } from './connection.ts';

export function openPort(timeoutMs: number): Connection {
  const connection = Promise.withResolvers<void>();
  let port: MessagePort | null = null;
  /** Said before the port is here. */
  let early: ClientMessage[] = [];
  let closed = false;

  const close = (reason: string) => {
    if (closed) return;
    closed = true;
    clearTimeout(timer);
    removeEventListener('message', onWindowMessage);
    port?.close();
    connection.reject(new Error(reason));
    carrier.onClose(reason);
  };
  const carrier: Carrier = {
    sendMessage: (message) => (port ? port.postMessage(message) : early.push(message as ClientMessage)),
    sendBytes: (id, bytes) => port?.postMessage(encodeBytes(id, bytes)),
    onMessage: () => {},
    onBytes: () => {},
    onClose: () => {},
    close: () => close('Closed here.'),
  };
  const onWindowMessage = (event: MessageEvent) => {
    const given = event.ports[0];
    if (event.source !== window || event.data?.type !== 'guesthouse:port' || !given) return;
    clearTimeout(timer);
    removeEventListener('message', onWindowMessage);
    port = given;
    given.onmessage = ({ data }: MessageEvent) => {
      if (data instanceof Uint8Array || data instanceof ArrayBuffer) {
        const { id, bytes } = decodeBytes(data instanceof Uint8Array ? data : new Uint8Array(data));
        carrier.onBytes(id, bytes);
      } else if (data?.t === 'bye') close(String(data.reason ?? 'The engine ended.'));
      else carrier.onMessage(data);
    };
    given.addEventListener('close', () => close('The engine ended.'));
    for (const message of early) given.postMessage(message);
    early = [];
    given.start();
    connection.resolve();
  };
  const timer = setTimeout(() => close('The application did not hand over a connection.'), timeoutMs);
  addEventListener('message', onWindowMessage);
  window.postMessage({ type: 'guesthouse:connect' }, location.origin === 'null' ? '*' : location.origin);
  return { carrier, opened: connection.promise };
}
