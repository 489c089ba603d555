/**
 * The carrier over a Unix socket. Each frame: payload length (u32, big-endian), kind (u8: 0 a JSON message, 1 stream
 * bytes with their id), payload.
 */
import type { Socket } from 'node:net';
import { type Carrier, decodeBytes, encodeBytes, MAX_MESSAGE, MAX_UNSENT } from '../engine/contract/wire.ts';

const HEADER = 5;
const KIND_MESSAGE = 0;
const KIND_BYTES = 1;

export function socketCarrier(socket: Socket): Carrier {
  let pending: Buffer = Buffer.alloc(0);
  let open = true;
  const send = (kind: number, payload: Uint8Array) => {
    if (!open) return;
    if (socket.writableLength > MAX_UNSENT) return closed('the other side does not read');
    const header = Buffer.allocUnsafe(HEADER);
    header.writeUInt32BE(payload.length);
    header.writeUInt8(kind, 4);
    socket.cork();
    socket.write(header);
    socket.write(payload);
    process.nextTick(() => socket.uncork());
  };
  const carrier: Carrier = {
    sendMessage: (message) => send(KIND_MESSAGE, Buffer.from(JSON.stringify(message))),
    sendBytes: (id, bytes) => send(KIND_BYTES, encodeBytes(id, bytes)),
    onMessage: () => {},
    onBytes: () => {},
    onClose: () => {},
    close: () => socket.end(),
  };
  const closed = (reason: string) => {
    if (!open) return;
    open = false;
    socket.destroy();
    carrier.onClose(reason);
  };
  socket.on('data', (chunk) => {
    pending = pending.length === 0 ? (chunk as Buffer) : Buffer.concat([pending, chunk as Buffer]);
    while (open && pending.length >= HEADER) {
      const length = pending.readUInt32BE(0);
      const kind = pending.readUInt8(4);
      if (length > MAX_MESSAGE) return closed('a frame was too large');
      if (pending.length < HEADER + length) return;
      const payload = pending.subarray(HEADER, HEADER + length);
      pending = pending.subarray(HEADER + length);
      try {
        if (kind === KIND_BYTES) {
          const { id, bytes } = decodeBytes(payload);
          carrier.onBytes(id, new Uint8Array(bytes));
        } else {
          carrier.onMessage(JSON.parse(payload.toString('utf8')));
        }
      } catch {
        return closed('a frame was not understood');
      }
    }
  });
  socket.on('error', (error) => closed(error.message));
  socket.on('close', () => closed('the other side closed'));
  return carrier;
}
