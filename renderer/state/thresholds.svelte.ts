/**
 * Thresholds: whoever matches one for long enough is told of, once until it no longer does. They are written in the
 * filter's language, kept in this browser profile, and watched while the window is open.
 */
import { m } from '../messages.ts';
import { desktop } from './desktop.svelte.ts';
import { house } from './house.svelte.ts';
import { parseQuery, type Query } from './list/query.ts';
import { route } from './route.svelte.ts';
import { samples } from './samples.svelte.ts';
import { readSetting, whenChangedElsewhere, writeSetting } from './storage.ts';
import { type Crossing, createWatch, type Threshold } from './threshold-watch.ts';
import { toasts } from './toasts.svelte.ts';

export const DURATIONS = [10, 30, 60, 300, 900] as const;

class Thresholds {
  all = $state.raw<readonly Threshold[]>(readAll());
  #watch = createWatch();
  #parsed = new Map<string, Query>();

  add(when: string, seconds: number): void {
    const id = Math.max(0, ...this.all.map((one) => one.id)) + 1;
    this.#set([...this.all, { id, when: when.trim(), seconds, on: true }]);
  }

  change(id: number, change: Partial<Threshold>): void {
    this.#set(this.all.map((one) => (one.id === id ? { ...one, ...change } : one)));
  }

  remove(id: number): void {
    this.#set(this.all.filter((one) => one.id !== id));
  }

  query(when: string): Query {
    let query = this.#parsed.get(when);
    if (!query) {
      query = parseQuery(when);
      this.#parsed.set(when, query);
    }
    return query;
  }

  /** To be called with every frame of figures. */
  look(at: number): void {
    if (!this.all.some(({ on }) => on)) return;
    const matching = (rule: Threshold) => {
      const query = this.query(rule.when);
      if (query.empty || query.problems.length > 0) return [];
      return [...house.guests.values()]
        .filter((guest) => query.matches({ guest, sample: samples.latest.get(guest.id), nowMs: at }))
        .map(({ id }) => id);
    };
    for (const crossing of this.#watch(this.all, matching, at)) tell(crossing);
  }

  #set(all: readonly Threshold[]): void {
    this.all = all;
    writeSetting('thresholds', all);
  }
}

function isThreshold(given: unknown): given is Threshold {
  const { id, when, seconds, on } = (given ?? {}) as Partial<Threshold>;
  return typeof id === 'number' && typeof when === 'string' && typeof seconds === 'number' && typeof on === 'boolean';
}

/** On the desktop where that is allowed, in the window always. */
function tell({ rule, guestId }: Crossing): void {
  const name = house.guests.get(guestId)?.name ?? guestId;
  const said = m.resources.thresholds.crossed(name, rule.when, m.resources.thresholds.seconds(rule.seconds));
  const run = () => route.guest(guestId, 'resources');
  toasts.show(said, { label: m.resources.thresholds.show, run });
  desktop.tell(said, `${rule.id} ${guestId}`, run);
}

export const thresholds = new Thresholds();
whenChangedElsewhere('thresholds', () => {
  thresholds.all = readAll();
});

function readAll(): readonly Threshold[] {
  return readSetting<unknown[]>('thresholds', []).filter(isThreshold);
}
