/** Showing a person around with a real guest: a container is made, reached, watched, deleted and had back. */
import { type ErrorShape, toErrorShape } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { m } from '../messages.ts';
import { acting } from './acting.svelte.ts';
import { type Command, command } from './command.ts';
import { openConsole } from './consoles.ts';
import { house } from './house.svelte.ts';
import { layout } from './layout.svelte.ts';
import { route } from './route.svelte.ts';
import { readSetting, writeSetting } from './storage.ts';
import { trash } from './trash.svelte.ts';

export const TOUR_STEPS = ['make', 'guest', 'console', 'graphs', 'remove'] as const;
export type TourStep = (typeof TOUR_STEPS)[number];

/** What a shell needs, and a little more (MiB). */
const MEMORY_MIB = 64;

class Tour {
  /** null: it is not going on. */
  step = $state<TourStep | null>(null);
  working = $state(false);
  error = $state.raw<ErrorShape | null>(null);
  /** It was seen once, or put away. */
  isDone = $state(readSetting('tourDone', false));
  #guestId = $state<string | null>(null);
  /** The guest it made; undefined: not there yet, or deleted. */
  readonly guest = $derived(this.#guestId === null ? undefined : house.guests.get(this.#guestId));
  /** The guest is in the trash: there is an undo to be shown. */
  readonly canUndo = $derived(trash.now?.guests.some(({ id }) => id === this.#guestId) ?? false);

  begin(): void {
    this.step = 'make';
    this.error = null;
    this.#guestId = null;
    route.section('guests');
  }

  end(): void {
    this.step = null;
    this.isDone = true;
    writeSetting('tourDone', true);
  }

  /** What the step's button does. The next step comes when it has worked. */
  async act(): Promise<void> {
    if (this.working) return;
    const { step } = this;
    this.error = null;
    this.working = true;
    try {
      const next = await this.#act(step);
      // It may have been put away meanwhile.
      if (this.step === step) this.#show(next);
    } catch (thrown) {
      this.error = toErrorShape(thrown);
    } finally {
      this.working = false;
    }
  }

  async #act(step: TourStep | null): Promise<TourStep | null> {
    const { guest } = this;
    if (step === 'make') await this.#make();
    if (step === 'guest') return 'console';
    if (step === 'console') return 'graphs';
    if (step === 'graphs') return 'remove';
    if (step !== 'remove') return 'guest';
    if (guest) {
      const error = await acting.act(guest, 'remove', { quiet: true });
      if (error) throw error;
      route.section('guests');
      await trash.refresh();
      return 'remove';
    }
    const kept = trash.now?.guests.filter(({ id }) => id === this.#guestId) ?? [];
    await trash.putBack(kept);
    return null;
  }

  #show(step: TourStep | null): void {
    if (step === null) {
      if (this.#guestId) route.guest(this.#guestId, 'overview');
      this.end();
      return;
    }
    this.step = step;
    const { guest } = this;
    if (!guest) return;
    if (step === 'guest' || step === 'console') route.guest(guest.id, 'overview');
    if (step === 'console') openConsole(guest.id, 'main', true);
    if (step === 'graphs') {
      layout.toggleDock(false);
      route.guest(guest.id, 'resources');
    }
    if (step === 'remove') route.guest(guest.id, 'overview');
  }

  async #make(): Promise<void> {
    const there = [...house.images.values()].find(({ name }) => name === 'busybox:latest');
    const image = there ?? (await engine.call('images.build', { builder: 'busybox' }));
    const taken = new Set([...house.guests.values()].map(({ name }) => name));
    let name = 'tour';
    for (let n = 2; taken.has(name); n += 1) name = `tour-${n}`;
    const draft = { name, isolation: 'container', image: image.name, memoryMib: MEMORY_MIB } as const;
    const { id } = await engine.call('guests.create', { draft });
    this.#guestId = id;
    await engine.call('guests.start', { guest: id });
  }
}

export const tour = new Tour();

export function tourCommand(): Command {
  return command({
    id: 'window.tour',
    title: m.tour.start,
    icon: 'right',
    words: 'tour help first introduction learn',
    why: engine.link === 'open' ? null : m.guests.offline,
    run: () => tour.begin(),
  });
}
