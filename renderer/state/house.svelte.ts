/** What the engine says of guests, images, volumes, networks, operations and consoles, kept by the `state` topic. Nothing is polled. */
import type { StateEvent } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { changesOf, EMPTY_INDEX, type GuestChange, type GuestIndex, reindex } from './guest-index.ts';
import { applyAll, EMPTY_HOUSE, type HouseModel } from './revision.ts';
import { beforePicture } from './together.ts';

class House {
  #model = $state.raw<HouseModel>(EMPTY_HOUSE);
  #index = $state.raw<GuestIndex>(EMPTY_INDEX);
  #listeners = new Set<(changes: readonly GuestChange[]) => void>();
  #stop: (() => void) | null = null;
  #waiting: StateEvent[] = [];

  /** Whether anything was received yet. */
  readonly loaded = $derived(this.#model.revision !== null);
  /** By id, in order of creation. */
  readonly guests = $derived(this.#model.guests);
  /** See `GuestIndex`. */
  readonly byName = $derived(this.#index.byName);
  readonly states = $derived(this.#index.states);
  readonly images = $derived(this.#model.images);
  readonly operations = $derived(this.#model.operations);
  readonly consoles = $derived(this.#model.consoles);
  readonly volumes = $derived(this.#model.volumes);
  readonly networks = $derived(this.#model.networks);

  start(): void {
    this.#stop?.();
    this.#waiting = [];
    this.#stop = engine.subscribe('state', {}, (event) => this.#receive(event));
  }

  /** Tells of guests that are other ones now, new or gone; not of those a window begins with. Answers what ends it. */
  onGuests(listener: (changes: readonly GuestChange[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What a window begins with shows at once; what follows on each other's heels is one change to the eye. */
  #receive(event: StateEvent): void {
    this.#waiting.push(event);
    if (event.type === 'snapshot') this.#show();
    else beforePicture(this.#show);
  }

  #show = (): void => {
    if (this.#waiting.length === 0) return;
    const before = this.#model;
    const events = this.#waiting;
    const next = applyAll(before, events);
    this.#waiting = [];
    if (next === 'gap') {
      this.start();
      return;
    }
    const changes = changesOf(before.guests, next.guests, events);
    this.#index = reindex(this.#index, changes, next.guests);
    this.#model = next;
    if (before.revision !== null && changes.length > 0) for (const listener of this.#listeners) listener(changes);
  };
}

export const house = new House();
