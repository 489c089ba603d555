import { describe, expect, it } from 'vitest';
import { heightOf } from './height.ts';

describe('the height of a terminal’s screen', () => {
  it('is read from its style in whole pixels, and from nothing else', () => {
    expect(heightOf('153.6px')).toBe(154);
    expect(heightOf('160px')).toBe(160);
    for (const style of ['', '100%', 'auto', '12em']) expect(heightOf(style)).toBeNull();
  });
});
