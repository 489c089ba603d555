import { expect, test } from 'vitest';
import type { Progress } from '../../contract/operation.ts';
import { createTally, timeLeft } from './tally.ts';

test('rate, time left, and never more often than eyes follow', () => {
  let now = 0;
  const told: Progress[] = [];
  const mib = 1024 ** 2;
  const tally = createTally(
    2,
    100 * mib,
    (one) => told.push(one),
    () => now,
  );
  for (let piece = 0; piece < 50; piece++) {
    now += 100;
    tally.fetched(mib);
  }
  expect(told.length).toBeLessThan(12);
  expect(told.at(-1)?.step).toMatch(/^Downloading layers, 0 of 2 done · 1\d MiB\/s · \d s left$/);
  tally.layerDone();
  expect(told.at(-1)).toMatchObject({ fraction: 0.25, bytesDone: 50 * mib, bytesTotal: 100 * mib });
  tally.fetched(50 * mib);
  tally.unpacked(100 * mib);
  tally.layerDone();
  expect(told.at(-1)).toMatchObject({ step: 'Unpacking layers, 2 of 2 done', fraction: 1 });
});

test('time is told in the unit one thinks in', () => {
  expect([0.2, 20, 89, 100, 5000, 9000].map(timeLeft)).toEqual([
    '1 s left',
    '20 s left',
    '89 s left',
    '2 min left',
    '84 min left',
    '3 h left',
  ]);
});
