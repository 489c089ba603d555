import { describe, expect, it } from 'vitest';
import { CREDIT_PIECE, createCreditMeter } from './credit.ts';

function meter(kept = 0) {
  const given: number[] = [];
  return { given, of: createCreditMeter((bytes) => given.push(bytes), kept) };
}

describe('credit', () => {
  it('is given back when nothing waits any more, so that a prompt is never held up', () => {
    const { given, of } = meter();
    of.received(10);
    expect(given).toEqual([]);
    of.done(10);
    expect(given).toEqual([10]);
  });

  it('is collected while more waits', () => {
    const { given, of } = meter();
    of.received(1000);
    of.received(2000);
    of.done(1000);
    expect(given).toEqual([]);
    of.done(2000);
    expect(given).toEqual([3000]);
  });

  it('is given in pieces during a flood', () => {
    const { given, of } = meter();
    for (let i = 0; i < 8; i++) of.received(CREDIT_PIECE / 2);
    for (let i = 0; i < 8; i++) of.done(CREDIT_PIECE / 2);
    expect(given).toEqual([CREDIT_PIECE, CREDIT_PIECE, CREDIT_PIECE, CREDIT_PIECE]);
    expect(of.waiting).toBe(0);
  });

  it('is smaller by what is kept once that much was consumed', () => {
    const { given, of } = meter(100);
    for (const size of [60, 50, 30]) {
      of.received(size);
      of.done(size);
    }
    expect(given).toEqual([10, 30]);
  });

  it('is all that was received, whatever the pieces', () => {
    const { given, of } = meter();
    const sizes = [1, 70_000, 3, 65_536, 12, 40_000];
    for (const size of sizes) of.received(size);
    for (const size of sizes) of.done(size);
    expect(given.reduce((sum, bytes) => sum + bytes, 0)).toBe(sizes.reduce((sum, bytes) => sum + bytes, 0));
  });
});
