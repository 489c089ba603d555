import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRing } from './ring.ts';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8');
const bytes = (value: string) => Buffer.from(value);

describe('ring', () => {
  test('keeps the latest bytes, whatever the pieces', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 70_000 }),
        fc.array(fc.uint8Array({ maxLength: 90_000 })),
        (size, pieces) => {
          const ring = createRing(size);
          for (const piece of pieces) ring.write(piece);
          const all = Buffer.concat(pieces);
          expect(ring.end).toBe(all.length);
          expect(ring.start).toBe(Math.max(0, all.length - size));
          expect(Buffer.compare(ring.read(ring.start, size), all.subarray(ring.start))).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('a tail begins at a line', () => {
    const ring = createRing(100);
    ring.write(bytes('first line\nsecond line\nthird\n'));
    expect(text(ring.snapshot(1000))).toBe('first line\nsecond line\nthird\n');
    expect(text(ring.snapshot(10))).toBe('third\n');
    expect(text(ring.snapshot(6))).toBe('third\n');
    expect(text(ring.snapshot(0))).toBe('');
  });

  test('without lines it begins at an escape sequence, else at a whole character', () => {
    const screen = createRing(12);
    screen.write(bytes('xxxxxxxx31mred\u001b[0mplain'));
    expect(text(screen.snapshot(12))).toBe('\u001b[0mplain');
    const letters = createRing(64);
    letters.write(bytes('äöü€😀ß'));
    for (let tail = 0; tail <= 15; tail++) expect(text(letters.snapshot(tail))).not.toContain('\ufffd');
  });
});
