/** One act on many guests: a few at a time, with one progress for all, and what failed kept until it is put away. */
import type { ErrorShape, Guest } from '../../engine/contract/index.ts';
import { m } from '../messages.ts';
import { selection } from './selection.svelte.ts';
import { toasts } from './toasts.svelte.ts';

/** The engine does as many side by side; more only wait there, where nobody can call them off. */
const AT_ONCE = 4;

/** What is done to each guest; rejects with what went wrong. */
type Deed = (guest: Guest) => Promise<ErrorShape | null>;

class Bulk {
  /** What is done, as a word: `Stop`; null: nothing. */
  what = $state<string | null>(null);
  total = $state(0);
  done = $state(0);
  failures = $state.raw<readonly { readonly guest: Guest; readonly error: ErrorShape }[]>([]);
  #called = $state(false);
  readonly going = $derived(this.what !== null && this.done < this.total && !this.#called);

  /** What has begun ends; the rest is left alone. */
  callOff(): void {
    this.#called = true;
    this.total = this.done;
  }

  close(): void {
    this.what = null;
    this.failures = [];
  }

  /** The selection becomes those that failed. */
  select(): void {
    selection.these(this.failures.map(({ guest }) => guest.id));
    this.close();
  }

  /** `tell`: says that all is done, if there is more to say than that. Answers whether it did. */
  async run(what: string, guests: readonly Guest[], deed: Deed, tell?: () => Promise<boolean>): Promise<void> {
    this.what = what;
    this.total = guests.length;
    this.done = 0;
    this.failures = [];
    this.#called = false;
    const waiting = [...guests];
    const work = async () => {
      for (let guest = waiting.shift(); guest && !this.#called; guest = waiting.shift()) {
        const error = await deed(guest);
        if (error) this.failures = [...this.failures, { guest, error }];
        this.done += 1;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    if (this.failures.length > 0) return;
    const isTold = tell ? await tell() : false;
    if (!isTold && !this.#called) toasts.show(m.list.bulk.done(what, guests.length));
    this.close();
  }
}

export const bulk = new Bulk();
