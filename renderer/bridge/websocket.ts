/**
 * The contract over a WebSocket at `bridge` beside the page: text frames are JSON messages, binary frames
 * are `encodeBytes()`. Who may connect is the server's business (cookie of the page, Origin, Host). What is said before
 * the socket is made goes along in its address: an answer that takes a while is then there when the page is.
 */
import { type Carrier, decodeBytes, encodeBytes, FIRST_MESSAGES } from '../../engine/contract/index.ts';
import type { Connection } from './connection.ts';

/** An address longer than this is not asked for (characters); then all of it is said once the socket is open. */
const MAX_ADDRESS = 4096;

export function openWebSocket(url: string, timeoutMs: number): Connection {
  const connection = Promise.withResolvers<void>();
  let socket: WebSocket | null = null;
  /** Said before the socket is open, and not in its address. */
  let early: string[] = [];
  let closed = false;

  const send = (data: string | Uint8Array<ArrayBuffer>) => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(data);
    else if (typeof data === 'string' && !closed) early.push(data);
  };
  const close = (reason: string) => {
    if (closed) return;
    closed = true;
    connection.reject(new Error(reason));
    carrier.onClose(reason);
  };
  const carrier: Carrier = {
    sendMessage: (message) => send(JSON.stringify(message)),
    sendBytes: (id, bytes) => send(encodeBytes(id, bytes) as Uint8Array<ArrayBuffer>),
    onMessage: () => {},
    onBytes: () => {},
    onClose: () => {},
    close: () => (socket ? socket.close() : close('Closed here.')),
  };

  const open = () => {
    if (closed) return;
    const address = `${url}?${FIRST_MESSAGES}=${encodeURIComponent(`[${early.join()}]`)}`;
    if (address.length <= MAX_ADDRESS) early = [];
    const opening = new WebSocket(address.length <= MAX_ADDRESS ? address : url);
    socket = opening;
    opening.binaryType = 'arraybuffer';
    const timer = setTimeout(() => opening.close(), timeoutMs);
    opening.onopen = () => {
      clearTimeout(timer);
      for (const message of early) opening.send(message);
      early = [];
      connection.resolve();
    };
    opening.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (typeof data === 'string') carrier.onMessage(JSON.parse(data));
      else {
        const { id, bytes } = decodeBytes(new Uint8Array(data));
        carrier.onBytes(id, bytes);
      }
    };
    opening.onclose = (event) => {
      clearTimeout(timer);
      close(event.reason || `The connection was closed (${event.code}).`);
    };
  };
  // After whoever asks for the connection has said what there is to say.
  queueMicrotask(open);
  return { carrier, opened: connection.promise };
}
