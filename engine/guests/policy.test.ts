import { describe, expect, test } from 'vitest';
import type { GuestExit } from '../contract/guest.ts';
import { didFail, startsWithHost, waitAfter } from './policy.ts';

const exit = (change: Partial<GuestExit> = {}): GuestExit => ({
  code: 0,
  signal: null,
  outOfMemory: false,
  at: 1,
  ...change,
});
const always = { when: 'always', maxRetries: null } as const;
const onFailure = (maxRetries: number | null) => ({ when: 'on-failure', maxRetries }) as const;

describe('the wait before a guest is started anew', () => {
  test('doubles from a tenth of a second to a minute', () => {
    const waits: number[] = [];
    let waitMs = 0;
    for (let restarts = 0; restarts < 12; restarts++) {
      waitMs = waitAfter(always, { failed: true, ranMs: 50 }, { restarts, waitMs }) ?? 0;
      waits.push(waitMs);
    }
    expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 60_000, 60_000]);
  });

  test('begins anew after a good run', () => {
    expect(waitAfter(always, { failed: true, ranMs: 10_000 }, { restarts: 9, waitMs: 51_200 })).toBe(100);
    expect(waitAfter(always, { failed: true, ranMs: 9_999 }, { restarts: 9, waitMs: 51_200 })).toBe(60_000);
  });

  test.each([
    ['no', true, null],
    ['no', false, null],
    ['on-failure', true, 100],
    ['on-failure', false, null],
    ['always', true, 100],
    ['always', false, 100],
    ['unless-stopped', true, 100],
    ['unless-stopped', false, 100],
  ] as const)('%s, failed %s: %s', (when, failed, wait) => {
    expect(waitAfter({ when, maxRetries: null }, { failed, ranMs: 0 }, { restarts: 0, waitMs: 0 })).toBe(wait);
  });

  test('comes to an end with the last try', () => {
    const end = { failed: true, ranMs: 60_000 };
    expect(waitAfter(onFailure(2), end, { restarts: 1, waitMs: 100 })).toBe(100);
    expect(waitAfter(onFailure(2), end, { restarts: 2, waitMs: 100 })).toBeNull();
    expect(waitAfter(onFailure(0), end, { restarts: 0, waitMs: 0 })).toBeNull();
    expect(waitAfter(onFailure(null), end, { restarts: 99_999, waitMs: 100 })).toBe(100);
  });
});

test.each([
  [exit(), false],
  [exit({ code: 1 }), true],
  [exit({ code: null }), false],
  [exit({ code: null, signal: 9 }), true],
  [exit({ code: 137, outOfMemory: true }), true],
  [exit({ code: null, crash: 'Its kernel panicked.' }), true],
  [null, true],
])('%j is a failure: %s', (end, failed) => {
  expect(didFail(end)).toBe(failed);
});

test('only `always` forgets a stop with the host’s restart, and only of a guest that ever ran', () => {
  expect(startsWithHost(always, 'yesterday', 'today')).toBe(true);
  expect(startsWithHost(always, 'today', 'today')).toBe(false);
  expect(startsWithHost(always, null, 'today')).toBe(false);
  expect(startsWithHost({ when: 'unless-stopped', maxRetries: null }, 'yesterday', 'today')).toBe(false);
});
