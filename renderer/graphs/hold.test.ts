import { describe, expect, it } from 'vitest';
import { holdUntil, keepSame, sameSubjects } from './hold.ts';
import type { Track } from './track.ts';

const track = {} as Track;

describe('what stays as it was', () => {
  it('answers the former list for one with the same guests and figures', () => {
    const keep = keepSame(sameSubjects);
    const first = keep([{ id: 'a', name: 'web', track }]);
    expect(keep([{ id: 'a', name: 'web', track }])).toBe(first);
    const renamed = keep([{ id: 'a', name: 'shop', track }]);
    expect(renamed[0]?.name).toBe('shop');
    expect(keep([{ id: 'a', name: 'shop', track: {} as Track }])).not.toBe(renamed);
    expect(keep([])).toEqual([]);
  });

  it('holds what was ready last until what is wanted is ready', () => {
    const hold = holdUntil<string>();
    // There is nothing else to show at first.
    expect(hold('5 min', false)).toBe('5 min');
    expect(hold('5 min later', true)).toBe('5 min later');
    expect(hold('1 h', false)).toBe('5 min later');
    expect(hold('1 h', true)).toBe('1 h');
  });
});
