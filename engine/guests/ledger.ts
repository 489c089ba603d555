/** The guests of a home in memory, each with its record on disk: found by id or name, changed, and told about. */
import type { Guest, GuestState } from '../contract/guest.ts';
import type { GuestsContext } from './context.ts';
import { type Entry, shown, unknownGuest } from './entry.ts';
import type { Manifest } from './manifest.ts';
import { writeManifest } from './manifest-write.ts';

/** Guests that went with their end, of which the last word is kept for whoever waits for them. */
const GONE_KEPT = 100;

export class Ledger {
  readonly #entries = new Map<string, Entry>();
  readonly #gone = new Map<string, Guest>();
  readonly #context: GuestsContext;

  constructor(context: GuestsContext) {
    this.#context = context;
  }

  all(): Iterable<Entry> {
    return this.#entries.values();
  }

  has(id: string): boolean {
    return this.#entries.has(id);
  }

  byId(id: string): Entry | undefined {
    return this.#entries.get(id);
  }

  /** By id or name. Throws `not-found`. */
  entry(ref: string): Entry {
    const found = this.#entries.get(ref) ?? [...this.#entries.values()].find((e) => e.manifest.spec.name === ref);
    if (found) return found;
    throw unknownGuest(ref);
  }

  /** How a guest was when it went with its end, by id or name. Throws `not-found`. */
  gone(ref: string): Guest {
    const found = this.#gone.get(ref) ?? [...this.#gone.values()].findLast(({ name }) => name === ref);
    if (found) return found;
    throw unknownGuest(ref);
  }

  put(entry: Entry): void {
    this.#entries.set(entry.manifest.id, entry);
  }

  async write(entry: Entry, change: Partial<Manifest>): Promise<void> {
    const next = { ...entry.manifest, ...change };
    await writeManifest(this.#context.paths, next);
    entry.manifest = next;
  }

  /** For what must go on although the disk is full: ending and removing guests is how it gets emptier. */
  async record(entry: Entry, change: Partial<Manifest>): Promise<void> {
    await this.write(entry, change).catch((error) => {
      this.#context.log.error('could not record a change', { guest: entry.manifest.id, error });
      entry.manifest = { ...entry.manifest, ...change };
    });
  }

  show(entry: Entry, state: GuestState): void {
    entry.state = state;
    this.changed(entry);
  }

  changed(entry: Entry): void {
    this.#context.onChange(shown(entry));
  }

  /** `kept`: it is in the trash. */
  drop(entry: Entry, kept = false): void {
    const { id, exit, spec } = entry.manifest;
    if (!this.#entries.delete(id)) return;
    if (spec.disposable && exit) {
      this.#gone.set(id, { ...shown(entry), state: entry.manifest.failure ? 'failed' : 'stopped' });
      for (const old of [...this.#gone.keys()].slice(0, -GONE_KEPT)) this.#gone.delete(old);
    }
    this.#context.onRemoved(id);
    if (!kept) this.#context.onForgotten(id);
  }
}
