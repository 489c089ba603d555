/** Takes exact amounts of bytes from a stream of chunks of any size. */
export class ByteQueue {
  readonly #source: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);
  #at = 0;
  /** Bytes taken so far. */
  position = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Exactly `count` bytes; null at the end of the stream (also when fewer are left). */
  async take(count: number): Promise<Uint8Array | null> {
    const parts: Uint8Array[] = [];
    let missing = count;
    while (missing > 0) {
      const part = await this.some(missing);
      if (part === null) return null;
      parts.push(part);
      missing -= part.length;
    }
    return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
  }

  /** Whoever makes the bytes need not go on. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }

  /** At least one and at most `limit` bytes; null at the end. */
  async some(limit: number): Promise<Uint8Array | null> {
    while (this.#at === this.#chunk.length) {
      const next = await this.#source.next();
      if (next.done) return null;
      this.#chunk = next.value;
      this.#at = 0;
    }
    const part = this.#chunk.subarray(this.#at, this.#at + limit);
    this.#at += part.length;
    this.position += part.length;
    return part;
  }
}
