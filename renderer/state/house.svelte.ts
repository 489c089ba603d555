/** What the engine says of guests, images, volumes, networks, operations and consoles, kept by the `state` topic. Nothing is polled. */
import type { StateEvent } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { applyAll, EMPTY_HOUSE, type HouseModel } from './revision.ts';

/** Changes within this time (ms) are one change to the eye, and to the list's filter and order. */
const TOGETHER_MS = 50;

class House {
  #model = $state.raw<HouseModel>(EMPTY_HOUSE);
  #stop: (() => void) | null = null;
  #waiting: StateEvent[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;
  #shownAt = 0;

  /** Whether anything was received yet. */
  readonly loaded = $derived(this.#model.revision !== null);
  /** By id, in order of creation. */
  readonly guests = $derived(this.#model.guests);
  readonly images = $derived(this.#model.images);
  readonly operations = $derived(this.#model.operations);
  readonly consoles = $derived(this.#model.consoles);
  readonly volumes = $derived(this.#model.volumes);
  readonly networks = $derived(this.#model.networks);

  start(): void {
    this.#stop?.();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#waiting = [];
    this.#stop = engine.subscribe('state', {}, (event) => this.#receive(event));
  }

  /** The first change after a quiet moment shows at once; what follows on its heels is shown together. */
  #receive(event: StateEvent): void {
    this.#waiting.push(event);
    if (this.#timer !== null) return;
    const quietMs = performance.now() - this.#shownAt;
    if (quietMs >= TOGETHER_MS || event.type === 'snapshot') this.#show();
    else this.#timer = setTimeout(() => this.#show(), TOGETHER_MS - quietMs);
  }

  #show(): void {
    this.#timer = null;
    this.#shownAt = performance.now();
    const next = applyAll(this.#model, this.#waiting);
    this.#waiting = [];
    if (next === 'gap') this.start();
    else this.#model = next;
  }
}

export const house = new House();
