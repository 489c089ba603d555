import type { FakeEngine } from './engine.ts';

let turn = 0;

/** A second of a busy house: new figures for all its guests, another state for `changes` of them, others each time. */
export function changeAll(fake: FakeEngine, changes: number): void {
  const all = [...fake.guests.values()];
  for (let n = 0; n < changes; n++) {
    const guest = all[(turn * changes + n) % all.length];
    if (!guest) continue;
    const changed = { ...guest, state: guest.state === 'running' ? ('paused' as const) : ('running' as const) };
    fake.guests.set(guest.id, changed);
    fake.say({ type: 'guest', guest: changed });
  }
  turn += 1;
  fake.tick();
}
