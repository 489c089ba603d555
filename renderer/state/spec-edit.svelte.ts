/** A guest's settings while somebody changes them: kept when they look elsewhere, until applied or put away. */
import { SvelteMap } from 'svelte/reactivity';
import {
  type ChangePlan,
  type ErrorShape,
  type Guest,
  type GuestChange,
  toErrorShape,
} from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { difference, SpecForm } from './spec-form.svelte.ts';

/** Long enough not to ask for every key, short enough to feel live (ms). */
const PAUSE_MS = 200;
const NO_PLAN: ChangePlan = { live: [], recreate: [], problems: [] };

export class SpecEdit extends SpecForm {
  cpus = $state<number | null>(null);
  memoryMib = $state<number | null>(null);
  diskGib = $state<number | null>(null);
  plan = $state.raw<ChangePlan>(NO_PLAN);
  checking = $state(false);
  applying = $state(false);
  failure = $state.raw<ErrorShape | null>(null);
  #turn = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(guest: Guest) {
    super();
    this.fill(guest.spec);
    this.cpus = guest.spec.cpus;
    this.memoryMib = guest.spec.memoryMib;
    this.diskGib = guest.spec.diskGib;
  }

  /** What differs from what the guest has now. */
  change(guest: Guest): GuestChange {
    return difference(guest.spec, {
      cpus: this.cpus ?? 0,
      memoryMib: this.memoryMib ?? 0,
      ...(guest.isolation === 'container' ? {} : { diskGib: this.diskGib }),
      ...this.options(),
      ...(guest.isolation === 'container' ? { machine: guest.spec.machine } : {}),
    });
  }

  of(field: string): ErrorShape | null {
    return this.plan.problems.find((it) => it.field === field || it.field.startsWith(`${field}.`))?.error ?? null;
  }

  mark(field: string): 'live' | 'recreate' | null {
    return this.plan.live.includes(field) ? 'live' : this.plan.recreate.includes(field) ? 'recreate' : null;
  }

  /** Asks the engine how the change would be carried out, a moment after the last key. */
  ask(guest: Guest, change: GuestChange): void {
    if (this.#timer) clearTimeout(this.#timer);
    const turn = ++this.#turn;
    if (Object.keys(change).length === 0) {
      this.plan = NO_PLAN;
      this.checking = false;
      return;
    }
    this.checking = true;
    this.#timer = setTimeout(async () => {
      try {
        const plan = await engine.call('guests.planChange', { guest: guest.id, change });
        if (turn === this.#turn) this.plan = plan;
      } catch (thrown) {
        if (turn === this.#turn) this.failure = toErrorShape(thrown);
      } finally {
        if (turn === this.#turn) this.checking = false;
      }
    }, PAUSE_MS);
  }

  /** True when it was carried out. */
  async apply(guest: Guest, change: GuestChange, recreate: boolean): Promise<boolean> {
    if (this.applying) return false;
    this.applying = true;
    this.failure = null;
    try {
      await engine.call('guests.update', { guest: guest.id, change, ...(recreate ? { recreate } : {}) });
      return true;
    } catch (thrown) {
      const error = toErrorShape(thrown);
      if (error.code !== 'cancelled') this.failure = error;
      return false;
    } finally {
      this.applying = false;
    }
  }
}

class Editing {
  #edits = new SvelteMap<string, SpecEdit>();

  of(guest: Guest): SpecEdit | null {
    return this.#edits.get(guest.id) ?? null;
  }

  begin(guest: Guest): void {
    if (!this.#edits.has(guest.id)) this.#edits.set(guest.id, new SpecEdit(guest));
  }

  end(guestId: string): void {
    this.#edits.delete(guestId);
  }
}

export const editing = new Editing();
