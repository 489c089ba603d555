import { expect, test } from 'vitest';
import { createWriteback } from './writeback.ts';

const MIB = 1024 ** 2;

test('one at a time, after so many bytes of all, and a failure is nobody`s', async () => {
  let calls = 0;
  let finish = (_: Error) => {};
  const sync = () => {
    calls++;
    return new Promise<void>((_, reject) => {
      finish = reject;
    });
  };
  const [one, other] = [createWriteback(sync), createWriteback(sync)];
  one.given(20 * MIB);
  expect(calls).toBe(0);
  other.given(20 * MIB);
  expect(calls).toBe(1);
  one.given(100 * MIB);
  expect(calls).toBe(1);
  let ended = false;
  const end = other.end().then(() => {
    ended = true;
  });
  await one.end(); // it began none
  expect(ended).toBe(false);
  finish(new Error('the disk is tired'));
  await end;
  one.given(MIB);
  expect(calls).toBe(2);
  finish(new Error('again'));
  await one.end();
});
