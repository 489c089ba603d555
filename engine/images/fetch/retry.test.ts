import { expect, test } from 'vitest';
import { GuesthouseError } from '../../contract/errors.ts';
import { parseRetryAfter, RETRY_POLICY, Transient, waitMs, withRetries } from './retry.ts';

const failure = new GuesthouseError({ code: 'resources', message: 'broken' });
const quick = { ...RETRY_POLICY, baseDelayMs: 1, maxDelayMs: 2 };
const { signal } = new AbortController();

test('waits grow, are spread, and end', () => {
  const waits = (random: number) =>
    [1, 2, 3, 4, 5].map((failures) => waitMs(RETRY_POLICY, failures, null, () => random));
  expect(waits(0)).toEqual([250, 500, 1000, 2000, null]);
  expect(waits(1)).toEqual([500, 1000, 2000, 4000, null]);
  expect(waitMs({ ...RETRY_POLICY, attempts: 99 }, 50, null, () => 1)).toBe(20_000);
});

test('what a registry asks for is respected, within reason', () => {
  expect(waitMs(RETRY_POLICY, 1, 30_000, () => 1)).toBe(30_000);
  expect(waitMs(RETRY_POLICY, 1, 0, () => 1)).toBe(500);
  expect(waitMs(RETRY_POLICY, 1, 3_600_000)).toBeNull();
});

test('Retry-After is seconds or a date', () => {
  expect(parseRetryAfter('7')).toBe(7000);
  expect(parseRetryAfter('Wed, 21 Oct 2015 07:28:10 GMT', Date.parse('2015-10-21T07:28:00Z'))).toBe(10_000);
  expect(parseRetryAfter('Wed, 21 Oct 2015 07:28:10 GMT')).toBe(0);
  for (const header of [undefined, '', 'soon', '-1x']) expect(parseRetryAfter(header)).toBeNull();
});

test('only what may pass is tried again', async () => {
  const act = (failures: number, error: unknown) => {
    let count = 0;
    return async () => {
      if (count++ < failures) throw error;
      return count;
    };
  };
  expect(await withRetries(quick, signal, act(4, new Transient(failure)))).toBe(5);
  await expect(withRetries(quick, signal, act(5, new Transient(failure)))).rejects.toBe(failure);
  await expect(withRetries(quick, signal, act(1, failure))).rejects.toBe(failure);
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 20);
  const slow = { ...RETRY_POLICY, baseDelayMs: 10_000 };
  await expect(withRetries(slow, abort.signal, act(9, new Transient(failure)))).rejects.toMatchObject({
    name: 'AbortError',
  });
});
