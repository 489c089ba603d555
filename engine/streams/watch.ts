/** One watcher of a session: an offset into its ring, the credit it gave, and what it was told about channels. */
import type { ConsoleMark, EngineStreams } from '../contract/api.ts';
import { MAX_CHUNK } from '../contract/wire.ts';
import type { Channel, Channels } from './channels.ts';
import type { Ring } from './ring.ts';

/** What a session tells whoever carries its output away (the bridge). Called synchronously; must not throw. */
export interface Watcher {
  /** The bytes are the watcher's to keep. At most `MAX_CHUNK`. */
  send(bytes: Uint8Array): void;
  /** In its place between the bytes. */
  control(mark: ConsoleMark): void;
  /** This many bytes of input went on to the program: credit for more. */
  credit(bytes: number): void;
  /** The program ended (or the session was closed: null) and every byte was sent. Nothing comes after it. */
  end(exitCode: number | null): void;
}

/** What whoever carries the output away tells the session. */
export interface Watch {
  /**
   * The far side consumed this many bytes. Nothing is sent before the first grant, which is `INITIAL_CREDIT` and is
   * made once the stream was announced.
   */
  grant(bytes: number): void;
  /** Bytes typed. Throws `invalid` when more came than credit was given for. */
  input(bytes: Uint8Array): void;
  control(message: EngineStreams['console']['control']): void;
  close(): void;
}

/** A watcher as the session sees it. */
export interface Reader {
  readonly watcher: Watcher;
  /** Absolute offset of the next byte to send. */
  offset: number;
  credit: number;
  /** Since when it has no credit, or the last time it gave some (ms, monotonic). */
  lastSignMs: number;
  /** Gave no credit for so long that it no longer holds the program back. */
  stalled: boolean;
  /** The program waits for it however long it takes. */
  readonly patient: boolean;
  /** Whether the far side knows about the stream. */
  begun: boolean;
  over: boolean;
  /** A pump is running: a grant from within `send` is taken up by it. */
  pumping: boolean;
  /** The last channel it was told. */
  channel: Channel;
  /** Set when it must be told that what follows comes from the ring. */
  replay: boolean;
  /** Bytes of input that wait for the program. */
  inputBytes: number;
  size: { readonly columns: number; readonly rows: number } | null;
}

/** Sends what credit allows. `replayBytes`: how much of the ring is sent again to one that was overtaken. */
export function pump(reader: Reader, ring: Ring, channels: Channels, replayBytes: number, now: () => number): void {
  if (!reader.begun || reader.over || reader.pumping || reader.credit <= 0) return;
  reader.pumping = true;
  if (reader.offset < ring.start) {
    reader.offset = ring.tail(replayBytes);
    reader.replay = true;
  }
  if (reader.replay) {
    reader.replay = false;
    reader.watcher.control({ type: 'replay', bytes: ring.end - reader.offset });
  }
  while (reader.credit > 0 && reader.offset < ring.end && !reader.over) {
    const { channel, until } = channels.at(reader.offset);
    if (channel !== reader.channel) {
      reader.channel = channel;
      reader.watcher.control({ type: 'output', channel });
    }
    const size = Math.min(MAX_CHUNK, reader.credit, ring.end - reader.offset, until - reader.offset);
    const bytes = ring.read(reader.offset, size);
    reader.offset += size;
    reader.credit -= size;
    if (reader.credit === 0) reader.lastSignMs = now();
    reader.watcher.send(bytes);
  }
  reader.pumping = false;
}
