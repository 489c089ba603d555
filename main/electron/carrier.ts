/**
 * The bridge over a MessagePort: messages are plain objects, stream bytes are `encodeBytes()` as Uint8Array. Never a
 * transfer list: between processes, Electron's ports transfer other ports and no memory.
 */
import { BYTES_HEADER, type Carrier, decodeBytes, encodeBytes, MAX_MESSAGE } from '../../engine/contract/wire.ts';

/** The part of Electron's MessagePortMain used here. */
export interface Port {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  start(): void;
  close(): void;
}

export function portCarrier(port: Port): Carrier {
  let open = true;
  const closed = (reason: string) => {
    if (!open) return;
    open = false;
    port.close();
    carrier.onClose(reason);
  };
  const send = (message: unknown) => {
    if (open) port.postMessage(message);
  };
  const carrier: Carrier = {
    sendMessage: send,
    // encodeBytes makes an array of exactly this size: cloning a view would send the whole buffer behind it.
    sendBytes: (id, bytes) => send(encodeBytes(id, bytes)),
    onMessage: () => {},
    onBytes: () => {},
    onClose: () => {},
    close: () => {
      // The page's side of a port has no close event everywhere.
      send({ t: 'bye', reason: 'The engine closed the link.' });
      closed('closed here');
    },
  };
  port.on('message', ({ data }) => {
    if (!open) return;
    if (!(data instanceof Uint8Array)) return carrier.onMessage(data);
    if (data.length < BYTES_HEADER || data.length > MAX_MESSAGE) return closed('a frame of a wrong size');
    const { id, bytes } = decodeBytes(data);
    carrier.onBytes(id, bytes);
  });
  port.on('close', () => closed('the window closed'));
  port.start();
  return carrier;
}
