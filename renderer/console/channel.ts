/** A display stream of the engine in the shape of a WebSocket, for noVNC. Nothing is copied twice. */
import type { RawChannel } from '@novnc/novnc';
import type { ClientStream, EngineStreams, StreamHandlers } from '../../engine/contract/index.ts';

type Opener = (
  kind: 'display',
  args: EngineStreams['display']['args'],
  handlers: StreamHandlers<'display'>,
) => Promise<ClientStream<'display'>>;

export class DisplayChannel implements RawChannel {
  // noVNC looks for these names on the object itself, so each is there from the start.
  binaryType = 'arraybuffer';
  readonly protocol = '';
  readyState: 'connecting' | 'open' | 'closed' = 'connecting';
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: ArrayBuffer }) => void) | null = null;
  onclose: ((event: { reason?: string }) => void) | null = null;
  onerror: ((event: unknown) => void) | null = null;
  #stream: ClientStream<'display'> | null = null;
  #early: Uint8Array[] = [];

  /** Rejects when the display cannot be opened. `onEnd` tells why it ended, null when the far side just closed it. */
  static async open(open: Opener, guest: string, onEnd: (error: unknown) => void): Promise<DisplayChannel> {
    const channel = new DisplayChannel();
    const stream = await open('display', { guest }, { onData: (bytes) => channel.#receive(bytes) });
    channel.#stream = stream;
    channel.readyState = 'open';
    stream.ended.then(
      () => channel.#end(null, onEnd),
      (error) => channel.#end(error, onEnd),
    );
    return channel;
  }

  /** Bytes that came before noVNC listened. */
  flush(): void {
    const early = this.#early;
    this.#early = [];
    for (const bytes of early) this.#receive(bytes);
  }

  send(bytes: Uint8Array): void {
    // noVNC fills the same memory again as soon as this returns.
    if (this.readyState === 'open') this.#stream?.write(bytes.slice());
  }

  close(): void {
    if (this.readyState === 'closed') return;
    this.readyState = 'closed';
    this.#stream?.close();
    // Later, as a WebSocket does: noVNC sets the timer for a missing answer only after this returns.
    queueMicrotask(() => this.onclose?.({}));
  }

  #receive(bytes: Uint8Array): void {
    if (!this.onmessage) {
      this.#early.push(bytes);
      return;
    }
    const whole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength;
    this.onmessage({ data: (whole ? bytes.buffer : bytes.slice().buffer) as ArrayBuffer });
    // noVNC asks for the next picture only when it has this one, so what it holds is bounded by the screen.
    this.#stream?.consumed(bytes.length);
  }

  #end(error: unknown, onEnd: (error: unknown) => void): void {
    if (this.readyState === 'closed') return;
    this.readyState = 'closed';
    onEnd(error);
    this.onclose?.({});
  }
}
