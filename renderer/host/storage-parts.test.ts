import { describe, expect, it } from 'vitest';
import type { Image } from '../../engine/contract/index.ts';
import { partsOf, takersOf } from './storage-parts.ts';

const use = {
  imagesBytes: 300,
  leftBytes: 20,
  guests: [
    { id: 'a', name: 'web', bytes: 50 },
    { id: 'b', name: 'idle', bytes: 0 },
  ],
  volumes: [{ id: 'v', name: 'site', bytes: 80 }],
  trash: [{ id: 'c', name: 'old', bytes: 30 }],
};

describe('what takes the disk', () => {
  it('is the whole disk together', () => {
    const parts = partsOf(use, 2000, 1000);
    expect(parts).toEqual({ images: 300, guests: 50, trash: 30, volumes: 80, left: 20, other: 520, free: 1000 });
    expect(Object.values(parts).reduce((a, b) => a + b)).toBe(2000);
  });

  it('is never less than nothing', () => expect(partsOf(use, 1000, 900).other).toBe(0));

  it('is listed by size, without what takes nothing', () => {
    const image = { id: 'i', name: 'debian:12', ownBytes: 80 } as Image;
    expect(takersOf(use, [image]).map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'image debian:12',
      'volume site',
      'guest web',
    ]);
  });
});
