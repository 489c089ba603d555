import { expect, test } from 'vitest';
import { heightsOf } from './row-heights.ts';

test('heights are told for each row, and for those that come later', () => {
  const group = { key: 'host:vm' } as never;
  expect(heightsOf([group, 'a', 'b'], 'dense')).toEqual([[24, 36, 36], 36]);
  expect(heightsOf([group, 'a'], 'comfortable')).toEqual([[28, 44], 44]);
});
