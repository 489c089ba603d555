/**
 * The contract over a MessagePort that the Electron preload hands in. The window asks by posting
 * `{ type: 'guesthouse:connect' }` to itself; the preload answers with `{ type: 'guesthouse:port' }` and the port as
 * `ports[0]`. On the port, messages are plain objects and stream bytes are `encodeBytes()` as Uint8Array.
 * A last message `{ t: 'bye', reason }` says that the far side is gone (a port has no close event everywhere).
 */
import { type Carrier, decodeBytes, encodeBytes } from '../../engine/contract/index.ts';

export function openPort(timeoutMs: number): Promise<Carrier> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      removeEventListener('message', onWindowMessage);
      reject(new Error('The application did not hand over a connection.'));
    }, timeoutMs);

    const onWindowMessage = (event: MessageEvent) => {
      const port = event.ports[0];
      if (event.source !== window || event.data?.type !== 'guesthouse:port' || !port) return;
      clearTimeout(timer);
      removeEventListener('message', onWindowMessage);
      resolve(carrierOf(port));
    };
    addEventListener('message', onWindowMessage);
    window.postMessage({ type: 'guesthouse:connect' }, location.origin === 'null' ? '*' : location.origin);
  });
}

function carrierOf(port: MessagePort): Carrier {
  let closed = false;
  const close = (reason: string) => {
    if (closed) return;
    closed = true;
    port.close();
    carrier.onClose(reason);
  };
  const carrier: Carrier = {
    sendMessage: (message) => port.postMessage(message),
    sendBytes: (id, bytes) => port.postMessage(encodeBytes(id, bytes)),
    onMessage: () => {},
    onBytes: () => {},
    onClose: () => {},
    close: () => close('Closed here.'),
  };
  port.onmessage = ({ data }: MessageEvent) => {
    if (data instanceof Uint8Array || data instanceof ArrayBuffer) {
      const { id, bytes } = decodeBytes(data instanceof Uint8Array ? data : new Uint8Array(data));
      carrier.onBytes(id, bytes);
    } else if (data?.t === 'bye') close(String(data.reason ?? 'The engine ended.'));
    else carrier.onMessage(data);
  };
  port.addEventListener('close', () => close('The engine ended.'));
  port.start();
  return carrier;
}
