/**
 * The snapshot of the `state` topic as it goes over the wire. Most guests say the same of most things (no devices, no
 * limits, the usual network), which is two thirds of what a thousand of them say: it is said once.
 */
import type { StateEvent } from './api.ts';
import type { Guest } from './guest.ts';

type Snapshot = Extract<StateEvent, { type: 'snapshot' }>;
type Spec = Guest['spec'];

export interface AlikeSnapshot extends Omit<Snapshot, 'guests'> {
  /** What a spec below leaves out. */
  readonly alike: Partial<Spec>;
  readonly guests: readonly (Omit<Guest, 'spec'> & { readonly spec: Partial<Spec> })[];
}

/** The guest in the middle is the measure: the first may have been a trial. */
export function sayOnce(snapshot: Snapshot): AlikeSnapshot {
  const { guests } = snapshot;
  const measure = guests[guests.length >> 1]?.spec ?? {};
  // What a spec lacks would be given to it at the other end.
  const said = Object.entries(measure).filter(([key]) => guests.every(({ spec }) => key in spec));
  const alike: Readonly<Record<string, unknown>> = Object.fromEntries(said);
  const differing = ({ spec }: Guest): Partial<Spec> =>
    Object.fromEntries(Object.entries(spec).filter(([key, value]) => !(key in alike) || !isSame(alike[key], value)));
  return { ...snapshot, alike, guests: guests.map((guest) => ({ ...guest, spec: differing(guest) })) };
}

/** Guests that say the same share it afterwards; nobody writes into what the engine said. */
export function sayEach({ alike, ...snapshot }: AlikeSnapshot): Snapshot {
  return {
    ...snapshot,
    guests: snapshot.guests.map((guest) => ({ ...guest, spec: { ...alike, ...guest.spec } as Spec })),
  };
}

/** Of what JSON can say. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [ofA, ofB] = [Object.keys(a), Object.keys(b)];
  const at = (whole: object, key: string) => (whole as Record<string, unknown>)[key];
  return ofA.length === ofB.length && ofA.every((key) => key in b && isSame(at(a, key), at(b, key)));
}
