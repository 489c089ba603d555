import { describe, expect, test } from 'vitest';
import { makeGuests } from '../../test/fakes/engine-data.ts';
import { sayEach, sayOnce } from './alike.ts';
import type { StateEvent } from './api.ts';
import type { Guest } from './guest.ts';

const snapshotOf = (guests: readonly Guest[]): Extract<StateEvent, { type: 'snapshot' }> => ({
  ...{ type: 'snapshot', revision: 7, guests },
  ...{ images: [], operations: [], consoles: [], volumes: [], networks: [] },
});
const overTheWire = <T>(value: T): T => JSON.parse(JSON.stringify(value));
const guests = makeGuests(40, 0);

describe('what most guests say alike', () => {
  test.each([0, 1, 2, 40])('of %i guests comes out as it went in', (count) => {
    const snapshot = snapshotOf(guests.slice(0, count));
    expect(sayEach(overTheWire(sayOnce(snapshot)))).toEqual(snapshot);
  });

  test('is said once', () => {
    const whole = JSON.stringify(snapshotOf(guests)).length;
    expect(JSON.stringify(sayOnce(snapshotOf(guests))).length).toBeLessThan(whole * 0.6);
  });

  test('is not put where something is missing, or another list or object', () => {
    const [one, two, three] = guests as [Guest, Guest, Guest];
    const { hostname: _, ...lacking } = one.spec;
    const odd = [
      { ...one, spec: lacking as Guest['spec'] },
      { ...two, spec: { ...two.spec, labels: { a: 'b' }, env: { A: '1', B: '2' }, command: ['a', 'b'] } },
      { ...three, spec: { ...three.spec, labels: { b: 'a' }, env: { A: '1' }, command: ['a'] } },
    ];
    for (const order of [odd, [...odd].reverse()])
      expect(sayEach(overTheWire(sayOnce(snapshotOf(order))))).toEqual(snapshotOf(order));
  });
});
