/** What the engine says of guests, images, volumes, networks, operations and consoles, kept by the `state` topic. Nothing is polled. */
import type { StateEvent } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { apply, EMPTY_HOUSE, type HouseModel } from './revision.ts';

class House {
  #model = $state.raw<HouseModel>(EMPTY_HOUSE);
  #stop: (() => void) | null = null;

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
    this.#stop = engine.subscribe('state', {}, (event) => this.#receive(event));
  }

  #receive(event: StateEvent): void {
    const next = apply(this.#model, event);
    if (next === 'gap') this.start();
    else this.#model = next;
  }
}

export const house = new House();
