/**
 * The contract over a WebSocket at `bridge` beside the page: text frames are JSON messages, binary frames
 * are `encodeBytes()`. Who may connect is the server's business (cookie of the page, Origin, Host).
 */
import { type Carrier, decodeBytes, encodeBytes } from '../../engine/contract/index.ts';

/** Resolves once the socket is open; rejects with a sentence when it never opened. */
export function openWebSocket(url: string, timeoutMs: number): Promise<Carrier> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    socket.binaryType = 'arraybuffer';
    let closed = false;
    const timer = setTimeout(() => socket.close(), timeoutMs);

    const carrier: Carrier = {
      sendMessage: (message) => {
        if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
      },
      sendBytes: (id, bytes) => {
        if (socket.readyState === WebSocket.OPEN) socket.send(encodeBytes(id, bytes) as Uint8Array<ArrayBuffer>);
      },
      onMessage: () => {},
      onBytes: () => {},
      onClose: () => {},
      close: () => socket.close(),
    };
    socket.onopen = () => {
      clearTimeout(timer);
      resolve(carrier);
    };
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (typeof data === 'string') carrier.onMessage(JSON.parse(data));
      else {
        const { id, bytes } = decodeBytes(new Uint8Array(data));
        carrier.onBytes(id, bytes);
      }
    };
    socket.onclose = (event) => {
      clearTimeout(timer);
      if (closed) return;
      closed = true;
      const reason = event.reason || `The connection was closed (${event.code}).`;
      reject(new Error(reason));
      carrier.onClose(reason);
    };
  });
}
