/** The carrier over a WebSocket: text frames are JSON messages, binary frames stream bytes with their id. */
import type { WebSocket } from 'ws';
import { BYTES_HEADER, type Carrier, decodeBytes, encodeBytes, MAX_UNSENT } from '../../engine/contract/wire.ts';

export function webSocketCarrier(socket: WebSocket): Carrier {
  const send = (data: string | Uint8Array) => {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > MAX_UNSENT) return socket.terminate();
    socket.send(data);
  };
  const carrier: Carrier = {
    sendMessage: (message) => send(JSON.stringify(message)),
    sendBytes: (id, bytes) => send(encodeBytes(id, bytes)),
    onMessage: () => {},
    onBytes: () => {},
    onClose: () => {},
    close: () => socket.close(),
  };
  socket.on('message', (data, binary) => {
    const bytes = data as Buffer;
    if (binary) {
      if (bytes.length < BYTES_HEADER) return socket.close(1003);
      const frame = decodeBytes(bytes);
      carrier.onBytes(frame.id, new Uint8Array(frame.bytes));
      return;
    }
    let message: unknown;
    try {
      message = JSON.parse(bytes.toString('utf8'));
    } catch {
      return socket.close(1003);
    }
    carrier.onMessage(message);
  });
  socket.on('error', () => {});
  socket.on('close', () => carrier.onClose('the window closed the link'));
  return carrier;
}
