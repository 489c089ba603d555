/** What the list of guests shows now: the filter's answer, in its order, as rows. */
import { untrack } from 'svelte';
import type { Guest } from '../../engine/contract/index.ts';
import { host } from '../state/host.svelte.ts';
import { house } from '../state/house.svelte.ts';
import { createByName, inOrder, isMoving } from '../state/list/order.ts';
import { parseQuery } from '../state/list/query.ts';
import { rowsOf } from '../state/list/rows.ts';
import { listView } from '../state/list/view.svelte.ts';
import { samples } from '../state/samples.svelte.ts';

/** Rows that follow figures change places at most this often (ms): a person must be able to read them. */
const MOVES_MS = 3000;
/** No row moves away from under a hand that moved within this time (ms). */
const HAND_MS = 4000;

export class Listing {
  query = $state('');
  /** When the hand last moved over the list (ms). */
  #handAt = 0;
  /** The moment whose figures decide on order and filter. */
  #at = $state(0);
  #byName = createByName();

  readonly parsed = $derived(parseQuery(this.query));
  readonly #follows = $derived(this.parsed.live || isMoving(listView.order.by));
  readonly visible = $derived(this.#answer(this.#byName(house.guests), this.#follows ? this.#at : 0));
  readonly rows = $derived(rowsOf(this.visible, listView.grouping, host.name, listView.folded));
  /** Ids from top to bottom. */
  readonly order = $derived(this.rows.flatMap((row) => (row.type === 'guest' ? [row.key] : [])));

  /** Figures count as they are now, and again at the next `_at`: not with every frame. */
  #answer(guests: readonly Guest[], _at: number): readonly Guest[] {
    const latest = untrack(() => samples.latest);
    const nowMs = Date.now();
    const { parsed } = this;
    const matching = parsed.empty
      ? guests
      : guests.filter((guest) => parsed.matches({ guest, sample: latest.get(guest.id), nowMs }));
    return inOrder(matching, listView.order, latest, nowMs);
  }

  /** To be called in a component: moves rows now and then while their figures decide. */
  follow(): void {
    $effect(() => {
      const { at } = samples;
      if (!this.#follows || document.hidden) return;
      const due = untrack(() => this.#at) + MOVES_MS <= at;
      if (due && Date.now() - this.#handAt > HAND_MS) this.#at = at;
    });
  }

  hand(): void {
    this.#handAt = Date.now();
  }
}
