/**
 * The messages of the bridge: calls, subscriptions and byte streams over one ordered carrier (MessagePort, WebSocket,
 * Unix socket). JSON for everything but bytes of streams and frames of samples (frame.ts). Ids are chosen by the client and unique per connection.
 *
 * Credit: bytes a side may still send on a stream. Each side starts with `INITIAL_CREDIT` and is given more by the
 * receiver as it consumes; a sender without credit stops reading its source, so a flood slows only itself.
 */
import type { ErrorShape } from './errors.ts';
import type { Asker } from './operation.ts';

/** Version of this protocol; both sides send it first and refuse another major. */
export const WIRE_VERSION = 3;

/** Enough to fill one frame of a terminal, small enough that Ctrl-C overtakes a flood (bytes). */
export const INITIAL_CREDIT = 256 * 1024;

/** Largest piece of stream bytes in one message (bytes); larger chunks are split. */
export const MAX_CHUNK = 64 * 1024;

/** Largest message accepted from a peer (bytes). */
export const MAX_MESSAGE = 4 * 1024 * 1024;

/**
 * A peer with this much unsent (bytes) does not read any more: its link is cut, and it may come back and ask anew.
 * Streams have credit and stay far below; a snapshot of ten thousand guests is a tenth of it.
 */
export const MAX_UNSENT = 64 * 1024 * 1024;

/** Part of a WebSocket's address: a JSON array of what the client says first, as if it had been sent once it was open. */
export const FIRST_MESSAGES = 'first';

export type ClientMessage =
  /** `asker`: who is at this end, told with what it asks for. */
  | { readonly t: 'hello'; readonly version: number; readonly asker?: Asker }
  | { readonly t: 'call'; readonly id: number; readonly method: string; readonly args: unknown }
  | { readonly t: 'subscribe'; readonly id: number; readonly topic: string; readonly args: unknown }
  | { readonly t: 'open'; readonly id: number; readonly kind: string; readonly args: unknown }
  /** Ends a subscription or stream, or gives up waiting for a call. */
  | { readonly t: 'close'; readonly id: number }
  | StreamMessage;

export type ServerMessage =
  | { readonly t: 'hello'; readonly version: number }
  | { readonly t: 'result'; readonly id: number; readonly result: unknown }
  | { readonly t: 'error'; readonly id: number; readonly error: ErrorShape }
  | { readonly t: 'event'; readonly id: number; readonly event: unknown }
  | { readonly t: 'opened'; readonly id: number; readonly info: unknown }
  /** The stream or subscription is over. `error` when it broke. */
  | { readonly t: 'end'; readonly id: number; readonly info?: unknown; readonly error?: ErrorShape }
  | StreamMessage;

export type StreamMessage =
  | { readonly t: 'credit'; readonly id: number; readonly bytes: number }
  | { readonly t: 'control'; readonly id: number; readonly message: unknown };

/** One ordered, reliable link that carries messages and stream bytes. Implementations are a dozen lines each. */
export interface Carrier {
  sendMessage(message: ClientMessage | ServerMessage): void;
  /** `bytes` may be kept by the carrier; the caller does not touch them again. */
  sendBytes(id: number, bytes: Uint8Array): void;
  onMessage: (message: unknown) => void;
  onBytes: (id: number, bytes: Uint8Array) => void;
  /** Called once, however it ended. */
  onClose: (reason: string) => void;
  close(): void;
}

/** Binary framing on WebSocket and Unix socket: stream id as u32 big-endian, then the bytes. */
export const BYTES_HEADER = 4;

export function encodeBytes(id: number, bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(BYTES_HEADER + bytes.length);
  new DataView(out.buffer).setUint32(0, id);
  out.set(bytes, BYTES_HEADER);
  return out;
}

export function decodeBytes(frame: Uint8Array): { id: number; bytes: Uint8Array } {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  return { id: view.getUint32(0), bytes: frame.subarray(BYTES_HEADER) };
}
