/**
 * What is known of all guests at once, brought up to date by those that changed: of a thousand guests a handful changes in
 * a second, and nobody walks the others for it. Pure.
 */
import type { Guest, GuestState, StateEvent } from '../../engine/contract/index.ts';
import { compareNames } from './list/natural.ts';

/** A guest as it was and as it is. */
export interface GuestChange {
  /** Left out: it is new. */
  readonly before: Guest | undefined;
  /** Left out: it is gone. */
  readonly after: Guest | undefined;
}

export interface GuestIndex {
  /** Ids by name, digits by value: `web-2` before `web-10`. The same array as long as nobody came, left or was renamed. */
  readonly byName: readonly string[];
  /** How many there are in a state; a state without any is left out. */
  readonly states: ReadonlyMap<GuestState, number>;
}

export const EMPTY_INDEX: GuestIndex = { byName: [], states: new Map() };

type Guests = ReadonlyMap<string, Guest>;

/** What `events` changed. A snapshot may have changed anything. */
export function changesOf(before: Guests, after: Guests, events: readonly StateEvent[]): GuestChange[] {
  const ids = new Set<string>();
  for (const event of events) {
    if (event.type === 'guest') ids.add(event.guest.id);
    else if (event.type === 'guest-removed') ids.add(event.id);
    else if (event.type === 'snapshot') for (const id of [...before.keys(), ...after.keys()]) ids.add(id);
  }
  const changes = [...ids].map((id): GuestChange => ({ before: before.get(id), after: after.get(id) }));
  return changes.filter((change) => change.before !== change.after);
}

/** `guests`: all of them, after the changes. */
export function reindex(index: GuestIndex, changes: readonly GuestChange[], guests: Guests): GuestIndex {
  const moved = changes.filter(({ before, after }) => before?.name !== after?.name);
  const turned = changes.filter(({ before, after }) => before?.state !== after?.state);
  if (moved.length === 0 && turned.length === 0) return index;
  return {
    byName: moved.length > 0 ? inPlace(index.byName, moved, guests) : index.byName,
    states: turned.length > 0 ? counted(index.states, turned) : index.states,
  };
}

function inPlace(byName: readonly string[], moved: readonly GuestChange[], guests: Guests): readonly string[] {
  const away = new Set(moved.map(({ before }) => before?.id));
  const come = moved.flatMap(({ after }) => after?.id ?? []);
  const nameOf = (id: string) => (guests.get(id) as Guest).name;
  // Those that stay are in order already, which makes sorting them again next to nothing.
  return [...byName.filter((id) => !away.has(id)), ...come].sort((a, b) => compareNames(nameOf(a), nameOf(b)));
}

function counted(states: GuestIndex['states'], turned: readonly GuestChange[]): GuestIndex['states'] {
  const counts = new Map(states);
  const add = (state: GuestState | undefined, n: number) => {
    if (state === undefined) return;
    const count = (counts.get(state) ?? 0) + n;
    if (count > 0) counts.set(state, count);
    else counts.delete(state);
  };
  for (const { before, after } of turned) {
    add(before?.state, -1);
    add(after?.state, 1);
  }
  return counts;
}
