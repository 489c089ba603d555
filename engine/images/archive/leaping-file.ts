/** A file as a stream of which stretches can be left out unread: zeros come in their place, and cost nothing. */
import { type FileHandle, open } from 'node:fs/promises';

const PIECE_BYTES = 64 * 1024;
/** Handed out again and again, never written to. */
const NOTHING = new Uint8Array(16 * 1024 * 1024);

export class LeapingFile implements AsyncIterable<Uint8Array> {
  readonly #path: string;
  readonly #signal: AbortSignal;
  #leapTo = 0;

  constructor(path: string, signal: AbortSignal) {
    this.#path = path;
    this.#signal = signal;
  }

  /** Up to there (bytes from the beginning) nothing more is read. */
  leapTo(offset: number): void {
    this.#leapTo = offset;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const file: FileHandle = await open(this.#path, 'r');
    try {
      const { size } = await file.stat();
      for (let at = 0; at < size; ) {
        this.#signal.throwIfAborted();
        const left = Math.min(this.#leapTo, size) - at;
        if (left > 0) {
          const piece = NOTHING.subarray(0, Math.min(left, NOTHING.length));
          at += piece.length;
          yield piece;
          continue;
        }
        const { bytesRead, buffer } = await file.read(Buffer.alloc(PIECE_BYTES), 0, PIECE_BYTES, at);
        if (bytesRead === 0) return;
        at += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      await file.close();
    }
  }
}
