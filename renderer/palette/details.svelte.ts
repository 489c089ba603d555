/** Snapshots and disks of the guests the palette is about: asked for as they are named, since nobody keeps those of all. */
import { SvelteMap } from 'svelte/reactivity';
import type { Guest } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { type GuestDetails, NO_DETAILS } from './further-commands.ts';

/** Of more guests nothing is asked: their names have too little in common with what was typed. */
export const MOST_ASKED = 3;

class PaletteDetails {
  #known = new SvelteMap<string, GuestDetails>();
  #asked = new Set<string>();

  of(id: string): GuestDetails {
    return this.#known.get(id) ?? NO_DETAILS;
  }

  /** What cannot be had is left out: its page says why. */
  ask(guests: readonly Guest[]): void {
    if (engine.link !== 'open') return;
    for (const guest of guests.slice(0, MOST_ASKED)) {
      if (this.#asked.has(guest.id)) continue;
      this.#asked.add(guest.id);
      void this.#fetch(guest);
    }
  }

  /** The palette closed: next time things are asked for anew. */
  forget(): void {
    this.#known.clear();
    this.#asked.clear();
  }

  async #fetch(guest: Guest): Promise<void> {
    const [tree, disks] = await Promise.all([
      engine.call('snapshots.list', { guest: guest.id }).catch(() => null),
      guest.isolation === 'container' ? [] : engine.call('disks.list', { guest: guest.id }).catch(() => []),
    ]);
    if (this.#asked.has(guest.id)) this.#known.set(guest.id, { tree, disks });
  }
}

export const paletteDetails = new PaletteDetails();
