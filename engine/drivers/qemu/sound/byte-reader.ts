/** Bytes of a socket by their number, however they come. */
import type { Duplex } from 'node:stream';

export class ByteReader {
  readonly #pieces: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);

  constructor(socket: Duplex) {
    this.#pieces = socket[Symbol.asyncIterator]();
  }

  /** The next so many; null: it ended before. */
  async take(count: number): Promise<Buffer | null> {
    const pieces = [this.#held];
    let have = this.#held.length;
    while (have < count) {
      const next = await this.#pieces.next();
      if (next.done) return null;
      pieces.push(next.value);
      have += next.value.length;
    }
    const all = pieces.length === 1 ? this.#held : Buffer.concat(pieces);
    this.#held = all.subarray(count);
    return all.subarray(0, count);
  }

  async skip(count: number): Promise<void> {
    await this.take(count);
  }
}
