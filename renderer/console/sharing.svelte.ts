/** Consoles that are typed into together: what is typed in one of the group goes to the others as well. */

/** A terminal that can be typed into. */
export interface Typewriter {
  /** As if it had been typed there. */
  type(text: string): void;
}

export class SharedTyping {
  /** The same console may be shown in two places; it is typed into once. */
  readonly #open = new Map<string, Typewriter>();
  /** Keys of the consoles in the group, those of `makeTab`. */
  group = $state.raw<ReadonlySet<string>>(new Set());

  /** Returns what takes it out again, of the group as well. */
  add(key: string, typewriter: Typewriter): () => void {
    this.#open.set(key, typewriter);
    return () => {
      if (this.#open.get(key) !== typewriter) return;
      this.#open.delete(key);
      this.leave(key);
    };
  }

  join(key: string): void {
    this.group = new Set([...this.group, key]);
  }

  /** All terminals that are open in this window. */
  joinAll(): void {
    this.group = new Set(this.#open.keys());
  }

  leave(key: string): void {
    if (this.group.has(key)) this.group = new Set([...this.group].filter((other) => other !== key));
  }

  end(): void {
    this.group = new Set();
  }

  /** Tells the others of the group what was typed in one of it. */
  typed(key: string, text: string): void {
    if (!this.group.has(key)) return;
    for (const other of this.group) if (other !== key) this.#open.get(other)?.type(text);
  }
}

export const sharing = new SharedTyping();
