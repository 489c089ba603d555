/** Which guests of the list are selected, and where its cursor stands. */
import { SvelteSet } from 'svelte/reactivity';

class Selection {
  readonly ids = new SvelteSet<string>();
  /** Where the keyboard is in the list. */
  cursor = $state<string | null>(null);
  /** Where a range began. */
  #anchor: string | null = null;

  /** Just this one. */
  only(id: string): void {
    this.ids.clear();
    this.ids.add(id);
    this.cursor = this.#anchor = id;
  }

  toggle(id: string): void {
    if (!this.ids.delete(id)) this.ids.add(id);
    this.cursor = this.#anchor = id;
  }

  /** From where the range began to here, in the order of the list. */
  extendTo(id: string, order: readonly string[]): void {
    const from = order.indexOf(this.#anchor ?? id);
    const to = order.indexOf(id);
    if (from < 0 || to < 0) {
      this.only(id);
      return;
    }
    this.ids.clear();
    for (const each of order.slice(Math.min(from, to), Math.max(from, to) + 1)) this.ids.add(each);
    this.cursor = id;
  }

  all(order: readonly string[]): void {
    this.ids.clear();
    for (const id of order) this.ids.add(id);
    this.cursor ??= order[0] ?? null;
  }

  these(ids: readonly string[]): void {
    this.ids.clear();
    for (const id of ids) this.ids.add(id);
    this.cursor = this.#anchor = ids[0] ?? null;
  }

  clear(): void {
    this.ids.clear();
  }

  /** Forgets guests that are no more. */
  keepOnly(exists: (id: string) => boolean): void {
    for (const id of [...this.ids]) if (!exists(id)) this.ids.delete(id);
    if (this.cursor && !exists(this.cursor)) this.cursor = null;
  }
}

export const selection = new Selection();
