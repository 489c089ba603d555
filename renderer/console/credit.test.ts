import { describe, expect, it } from 'vitest';
import { INITIAL_CREDIT } from '../../engine/contract/index.ts';
import { CREDIT_PIECE, createCreditMeter } from './credit.ts';

function meter(kept = 0) {
  const given: number[] = [];
  return { given, consume: createCreditMeter((bytes) => given.push(bytes), kept) };
}

describe('credit', () => {
  it('is given back in pieces, and not for each key that is echoed', () => {
    const { given, consume } = meter();
    for (let i = 0; i < 100; i++) consume(1);
    expect(given).toEqual([]);
    consume(CREDIT_PIECE - 100);
    expect(given).toEqual([CREDIT_PIECE]);
    for (let i = 0; i < 4; i++) consume(CREDIT_PIECE / 2);
    expect(given).toEqual([CREDIT_PIECE, CREDIT_PIECE, CREDIT_PIECE]);
  });

  it('is smaller by what is kept once that much was consumed', () => {
    const { given, consume } = meter(100);
    consume(CREDIT_PIECE);
    expect(given).toEqual([]);
    consume(150);
    expect(given).toEqual([CREDIT_PIECE + 50]);
    consume(CREDIT_PIECE);
    expect(given).toEqual([CREDIT_PIECE + 50, CREDIT_PIECE]);
  });

  it('never runs out, whatever the pieces and however much is kept', () => {
    const kept = INITIAL_CREDIT / 2;
    let credit = INITIAL_CREDIT;
    const consume = createCreditMeter((bytes) => {
      credit += bytes;
    }, kept);
    for (let sent = 0, size = 1; sent < 8 * INITIAL_CREDIT; size = (size * 7) % 65_537) {
      const bytes = Math.min(size, credit);
      expect(bytes).toBeGreaterThan(0);
      credit -= bytes;
      sent += bytes;
      consume(bytes);
    }
    expect(credit).toBeLessThanOrEqual(INITIAL_CREDIT);
  });
});
