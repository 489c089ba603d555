import { expect, test } from 'vitest';
import { samplesOf } from './samples.ts';

test('channels apart, between -1 and 1', () => {
  // Not at the begin of its memory, as a stream brings it.
  const bytes = new Uint8Array([0xff, 0x00, 0x40, 0x00, 0x80, 0x00, 0xe0, 0x00, 0x00]).subarray(1);
  const [left, right] = samplesOf(bytes, 2, 2);
  expect([...(left ?? [])]).toEqual([0.5, -0.25]);
  expect([...(right ?? [])]).toEqual([-1, 0]);
});
