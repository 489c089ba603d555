/**
 * Acts on guests: what was clicked answers at once (`isActing`), what fails is kept with the guest it concerns until the
 * next act or until it is put away.
 */
import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import { type ErrorShape, type Guest, toErrorShape } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { m } from '../messages.ts';
import { route } from './route.svelte.ts';
import { toasts } from './toasts.svelte.ts';
import type { GuestVerb } from './verbs.ts';

export interface Trouble {
  readonly verb: GuestVerb;
  readonly error: ErrorShape;
}

class Acting {
  #going = new SvelteSet<string>();
  #troubles = new SvelteMap<string, Trouble>();

  isActing(guestId: string, verb: GuestVerb): boolean {
    return this.#going.has(`${guestId} ${verb}`);
  }

  trouble(guestId: string): Trouble | null {
    return this.#troubles.get(guestId) ?? null;
  }

  forget(guestId: string): void {
    this.#troubles.delete(guestId);
  }

  /** Answers what went wrong. `quiet`: somebody else says so; the guest's page does all the same. */
  async act(guest: Guest, verb: GuestVerb, { quiet = false } = {}): Promise<ErrorShape | null> {
    const key = `${guest.id} ${verb}`;
    if (this.#going.has(key)) return null;
    this.#going.add(key);
    this.#troubles.delete(guest.id);
    try {
      if (verb === 'remove') await engine.call('guests.remove', { guest: guest.id, force: true, keep: true });
      else await engine.call(`guests.${verb}`, { guest: guest.id });
      return null;
    } catch (thrown) {
      const error = toErrorShape(thrown);
      if (error.code === 'cancelled') return null;
      this.#report(guest, { verb, error }, quiet);
      return error;
    } finally {
      this.#going.delete(key);
    }
  }

  #report(guest: Guest, trouble: Trouble, quiet: boolean): void {
    this.#troubles.set(guest.id, trouble);
    if (quiet) return;
    const { place } = route;
    if (place.view === 'guests' && place.guest === guest.id) return;
    toasts.show(`${m.guests.couldNot(trouble.verb, guest.name)}: ${trouble.error.message}`, {
      label: m.frame.toast.show,
      run: () => route.guest(guest.id, 'overview'),
    });
  }
}

export const acting = new Acting();
