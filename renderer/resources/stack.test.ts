import { expect, test } from 'vitest';
import { highest, stack } from './stack.ts';

test('each rests on those below; a gap is where nobody is known', () => {
  const layers = stack([
    [1, null, null, 4],
    [10, 20, null, null],
  ]);
  expect(layers[0]).toEqual({ bottom: [0, 0, null, 0], top: [1, 0, null, 4] });
  expect(layers[1]).toEqual({ bottom: [1, 0, null, 4], top: [11, 20, null, 4] });
  expect(highest(layers)).toBe(20);
  expect(stack([])).toEqual([]);
});
