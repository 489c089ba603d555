import { expect, test } from 'vitest';
import type { ImageRecord } from './records.ts';
import { ownBytes, sharers } from './sizes.ts';

const image = (id: string, layers: readonly string[], sizeBytes: number) =>
  ({ id, layers, sizeBytes }) as unknown as ImageRecord;
const layerBytes = new Map([
  ['base', 100],
  ['a', 10],
  ['b', 1],
]);

test('an image has to itself what no other image has too', () => {
  const one = image('1', ['base', 'a'], 110);
  const two = image('2', ['base', 'b', 'b'], 101);
  expect(ownBytes(one, [one, two], layerBytes)).toBe(10);
  expect(ownBytes(two, [one, two], layerBytes)).toBe(1);
  expect(ownBytes(one, [one], layerBytes)).toBe(110);
  // A disk made of it is its own as well.
  expect(ownBytes(image('1', ['base'], 600), [two], layerBytes)).toBe(500);
  expect(sharers(one, [one, two, image('3', ['c'], 1)]).map(({ id }) => id)).toEqual(['2']);
});
