import { expect, test } from 'vitest';
import type { Guest, StateEvent } from '../../engine/contract/index.ts';
import { apply, applyAll, EMPTY_HOUSE } from './revision.ts';

const guest = (id: string, name = id) => ({ id, name }) as Guest;
const snapshot = (revision: number, ...guests: Guest[]): StateEvent => ({
  type: 'snapshot',
  revision,
  guests,
  images: [],
  operations: [],
  consoles: [],
  volumes: [],
  networks: [],
});

test('a snapshot starts anew, deltas follow', () => {
  const first = apply(EMPTY_HOUSE, snapshot(7, guest('a')));
  if (first === 'gap') throw new Error('gap');
  const second = apply(first, { type: 'guest', revision: 8, guest: guest('b') });
  if (second === 'gap') throw new Error('gap');
  expect([...second.guests.keys()]).toEqual(['a', 'b']);
  expect([...first.guests.keys()]).toEqual(['a']);
  expect(apply(second, { type: 'guest-removed', revision: 9, id: 'a' })).toMatchObject({ revision: 9 });
});

test('a missed, repeated or early event is a gap; a snapshot heals it', () => {
  const model = apply(EMPTY_HOUSE, snapshot(7, guest('a')));
  if (model === 'gap') throw new Error('gap');
  expect(apply(model, { type: 'guest', revision: 9, guest: guest('b') })).toBe('gap');
  expect(apply(model, { type: 'guest', revision: 7, guest: guest('b') })).toBe('gap');
  expect(apply(EMPTY_HOUSE, { type: 'guest', revision: 1, guest: guest('b') })).toBe('gap');
  expect(apply(model, snapshot(3, guest('c')))).toMatchObject({ revision: 3 });
});

test('what a newer engine says beyond this window only counts', () => {
  const model = apply(EMPTY_HOUSE, snapshot(1));
  if (model === 'gap') throw new Error('gap');
  expect(apply(model, { type: 'moon', revision: 2 } as unknown as StateEvent)).toMatchObject({ revision: 2 });
});

test('many events at once are the same as one after the other, and leave what was before alone', () => {
  const model = apply(EMPTY_HOUSE, snapshot(1, guest('a')));
  if (model === 'gap') throw new Error('gap');
  const events = [
    { type: 'guest', revision: 2, guest: guest('b') },
    { type: 'moon', revision: 3 },
    { type: 'guest-removed', revision: 4, id: 'a' },
    { type: 'guest', revision: 5, guest: guest('b', 'c') },
  ] as unknown as StateEvent[];
  const after = applyAll(model, events);
  if (after === 'gap') throw new Error('gap');
  expect([...after.guests.values()]).toEqual([guest('b', 'c')]);
  expect([...model.guests.keys()]).toEqual(['a']);
  expect(after.images).toBe(model.images);
  expect(applyAll(model, events.slice(1))).toBe('gap');
});
