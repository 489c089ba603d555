import { expect, test } from 'vitest';
import type { Guest, GuestState, StateEvent } from '../../engine/contract/index.ts';
import { changesOf, EMPTY_INDEX, reindex } from './guest-index.ts';
import { applyAll, EMPTY_HOUSE } from './revision.ts';

const STATES: readonly GuestState[] = ['running', 'stopped', 'failed', 'paused'];
const guest = (id: string, name: string, state: GuestState) => ({ id, name, state }) as Guest;

/** The same numbers in every run. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
}

test('what is kept is what counting and sorting all of them would give', () => {
  const random = seeded(11);
  const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
  let model = EMPTY_HOUSE;
  let index = EMPTY_INDEX;
  let revision = 0;
  const some = () =>
    guest(`g${random(60)}`, `${'abC'[random(3)]}-${random(200)}-${revision}`, STATES[random(4)] as GuestState);
  const snapshot = () => {
    const guests = [...new Map(Array.from({ length: random(50) }, some).map((one) => [one.id, one])).values()];
    const none = { images: [], operations: [], consoles: [], volumes: [], networks: [] };
    return { type: 'snapshot', revision: ++revision, guests, ...none } as StateEvent;
  };
  const event = (): StateEvent => {
    revision += 1;
    const id = `g${random(60)}`;
    const known = model.guests.get(id);
    // Mostly another state of one that is known: its name stays.
    if (known && random(3) > 0)
      return { type: 'guest', revision, guest: { ...known, state: STATES[random(4)] as GuestState } };
    if (random(3) === 0) return { type: 'guest-removed', revision, id };
    return { type: 'guest', revision, guest: some() };
  };
  for (let step = 0; step < 500; step++) {
    const events = step % 50 === 0 ? [snapshot()] : Array.from({ length: 1 + random(6) }, event);
    const next = applyAll(model, events);
    if (next === 'gap') throw new Error('gap');
    const before = index;
    index = reindex(index, changesOf(model.guests, next.guests, events), next.guests);
    const all = [...next.guests.values()];
    const names = (ids: readonly string[]) => ids.map((id) => next.guests.get(id)?.name);
    expect(names(index.byName)).toEqual(all.map(({ name }) => name).sort(collator.compare));
    expect([...index.byName].sort()).toEqual([...next.guests.keys()].sort());
    const counts = new Map<GuestState, number>();
    for (const { state } of all) counts.set(state, (counts.get(state) ?? 0) + 1);
    expect(index.states).toEqual(counts);
    const nameless = events.every((it) => it.type === 'guest' && it.guest.name === model.guests.get(it.guest.id)?.name);
    if (nameless) expect(index.byName).toBe(before.byName);
    model = next;
  }
});

test('a guest that changed twice changed once; one that came and went did not change', () => {
  const a = guest('a', 'a', 'running');
  const b = guest('b', 'b', 'running');
  const events = [
    { type: 'guest', revision: 1, guest: { ...a, state: 'paused' } },
    { type: 'guest', revision: 2, guest: { ...a, state: 'stopped' } },
    { type: 'guest', revision: 3, guest: b },
    { type: 'guest-removed', revision: 4, id: 'b' },
  ] as StateEvent[];
  const now = new Map([['a', guest('a', 'a', 'stopped')]]);
  const changes = changesOf(new Map([['a', a]]), now, events);
  expect(changes).toEqual([{ before: a, after: now.get('a') }]);
});
