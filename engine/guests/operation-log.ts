/** What an operation wrote, line after line: the last of it is kept, and can be watched from any time on. */

/** Kept of one operation (bytes); of more the oldest lines go. */
const KEPT_BYTES = 1024 * 1024;
/** A line is cut after this much (characters). */
const MAX_LINE = 16 * 1024;

export interface LogWatcher {
  /** Whole lines, each with its line feed. */
  onBytes(bytes: Uint8Array): void;
  onEnd(): void;
}

export class OperationLog {
  #lines: Buffer[] = [];
  #bytes = 0;
  #dropped = 0;
  #ended = false;
  readonly #watchers = new Set<LogWatcher>();

  /** One that ended long ago, as it was kept. */
  static of(text: Buffer): OperationLog {
    const log = new OperationLog();
    log.#lines = [text];
    log.#bytes = text.length;
    log.#ended = true;
    return log;
  }

  /** All that is kept of it. */
  text(): Buffer {
    return Buffer.concat(this.#lines);
  }

  append(line: string): void {
    if (this.#ended) return;
    const bytes = Buffer.from(`${line.length > MAX_LINE ? `${line.slice(0, MAX_LINE)}…` : line}\n`);
    this.#lines.push(bytes);
    this.#bytes += bytes.length;
    for (const watcher of this.#watchers) watcher.onBytes(bytes);
    if (this.#bytes <= KEPT_BYTES) return;
    let gone = 0;
    while (this.#bytes > KEPT_BYTES * 0.9) this.#bytes -= this.#lines[gone++]?.length ?? 0;
    this.#lines = this.#lines.slice(gone);
    this.#dropped += gone;
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const watcher of this.#watchers) watcher.onEnd();
    this.#watchers.clear();
  }

  /** From the beginning, as far as it is kept, until it ends. Answers how to stop. */
  watch(watcher: LogWatcher): () => void {
    if (this.#dropped > 0) watcher.onBytes(Buffer.from(`[${this.#dropped} earlier lines are not kept]\n`));
    if (this.#lines.length > 0) watcher.onBytes(Buffer.concat(this.#lines));
    if (this.#ended) watcher.onEnd();
    else this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }
}
