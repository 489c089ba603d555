/** Guests that ended and are to be started anew: who waits, how long, and that not all start at the same moment. */
import type { GuestsContext } from './context.ts';
import type { Entry } from './entry.ts';

/** After a restart of the host dozens may be due; each start takes a processor for a moment. */
const STARTS_AT_ONCE = 4;

export class Retries {
  readonly #context: GuestsContext;
  readonly #start: (entry: Entry) => Promise<void>;
  readonly #waiting = new Set<Entry>();
  readonly #queue: (() => void)[] = [];
  #starting = 0;
  #closed = false;

  /** `start` never rejects. */
  constructor(context: GuestsContext, start: (entry: Entry) => Promise<void>) {
    this.#context = context;
    this.#start = start;
  }

  /** Only an engine that stays does it; a short command says who will. */
  plan(entry: Entry, waitMs: number): void {
    this.cancel(entry);
    if (this.#closed) return;
    if (!this.#context.background) {
      entry.retry = { timer: null, note: 'Its restart policy starts it again as soon as Guesthouse is open.' };
      return;
    }
    const note = `Its restart policy starts it again after a wait of ${waitMs / 1000} s.`;
    const timer = setTimeout(() => void this.#due(entry, retry), waitMs).unref();
    const retry = { timer, note };
    entry.retry = retry;
    this.#waiting.add(entry);
  }

  /** False: it did not wait. */
  cancel(entry: Entry): boolean {
    const { retry } = entry;
    if (!retry) return false;
    if (retry.timer) clearTimeout(retry.timer);
    entry.retry = null;
    this.#waiting.delete(entry);
    return true;
  }

  /** Forgets all; what is on disk tells the next engine. */
  close(): void {
    this.#closed = true;
    for (const entry of [...this.#waiting]) this.cancel(entry);
  }

  async #due(entry: Entry, retry: Entry['retry']): Promise<void> {
    await this.#turn();
    try {
      // A change or a new name may hold it just now.
      while (entry.holder) await entry.holder.done;
      if (entry.retry !== retry || this.#closed) return;
      this.cancel(entry);
      await this.#start(entry);
    } finally {
      this.#starting -= 1;
      this.#queue.shift()?.();
    }
  }

  async #turn(): Promise<void> {
    while (this.#starting >= STARTS_AT_ONCE) await new Promise<void>((resolve) => this.#queue.push(resolve));
    this.#starting += 1;
  }
}
