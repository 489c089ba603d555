/** What the list of guests shows now: the filter's answer, in its order, as rows. */
import { untrack } from 'svelte';
import { host } from '../state/host.svelte.ts';
import { house } from '../state/house.svelte.ts';
import { inOrder, isMoving } from '../state/list/order.ts';
import { parseQuery } from '../state/list/query.ts';
import { type ListRow, rowsOf } from '../state/list/rows.ts';
import { listView } from '../state/list/view.svelte.ts';
import { now } from '../state/now.svelte.ts';
import { samples } from '../state/samples.svelte.ts';

/** Rows that follow figures change places at most this often (ms): a person must be able to read them. */
const MOVES_MS = 3000;
/** No row moves away from under a hand that moved within this time (ms). */
const HAND_MS = 4000;

/** What `make` gives, but the array from before while nothing in it is another one. */
function sameWhileEqual<T>(make: () => readonly T[]): () => readonly T[] {
  let last: readonly T[] = [];
  return () => {
    const next = make();
    const equal = next.length === last.length && next.every((item, at) => item === last[at]);
    if (!equal) last = next;
    return last;
  };
}

export class Listing {
  query = $state('');
  /** When the hand last moved over the list (ms of the monotonic clock). */
  #handAt = Number.NEGATIVE_INFINITY;
  /** The moment whose figures decide on order and filter. */
  #at = $state(0);

  readonly parsed = $derived(parseQuery(this.query));
  readonly #follows = $derived(this.parsed.live || isMoving(listView.order.by));
  /** Ids of guests. As long as they are the same ones in the same order it is the same array, and nothing below looks at it anew. */
  readonly visible = $derived.by(sameWhileEqual(() => this.#answer(this.#follows ? this.#at : 0)));
  readonly rows = $derived.by(
    sameWhileEqual<ListRow>(() =>
      rowsOf(this.visible, listView.grouping, host.name, (id) => house.guests.get(id), listView.folded),
    ),
  );
  /** Ids from top to bottom. */
  readonly order = $derived(this.rows.filter((row) => typeof row === 'string'));

  /** Figures count as they are now, and again at the next `_at`: not with every frame. */
  #answer(_at: number): readonly string[] {
    const { parsed } = this;
    const { order } = listView;
    // The usual list depends on names alone: what else changes in a guest does not concern it.
    if (parsed.empty && order.by === 'name') return order.down ? house.byName.toReversed() : house.byName;
    const latest = untrack(() => samples.latest);
    const nowMs = now.exact;
    const guests = house.byName.flatMap((id) => house.guests.get(id) ?? []);
    const matching = parsed.empty
      ? guests
      : guests.filter((guest) => parsed.matches({ guest, sample: latest.get(guest.id), nowMs }));
    return inOrder(matching, order, latest, nowMs).map(({ id }) => id);
  }

  /** To be called in a component: moves rows now and then while their figures decide. */
  follow(): void {
    $effect(() => {
      const { at } = samples;
      if (!this.#follows || document.hidden) return;
      // Either way: a clock that was set back stops no list.
      const due = Math.abs(at - untrack(() => this.#at)) >= MOVES_MS;
      if (due && performance.now() - this.#handAt > HAND_MS) this.#at = at;
    });
  }

  hand(): void {
    this.#handAt = performance.now();
  }
}
