import { expect, test } from 'vitest';
import type { Guest } from '../../engine/contract/index.ts';
import { endOf } from './ends.ts';

const guest = (state: string, exit: object | null = null, restarts = 0): Guest =>
  ({ id: 'g', state, exit, restarts }) as unknown as Guest;
const exit = (code: number, more: object = {}) => ({ code, signal: null, outOfMemory: false, at: 5, ...more });

test.each([
  ['ran out of memory', guest('running'), guest('failed', exit(137, { outOfMemory: true })), 'memory'],
  ['failed', guest('starting'), guest('failed'), 'failed'],
  ['died with a code', guest('running'), guest('stopped', exit(3)), 'died'],
  ['died by a signal', guest('running'), guest('stopped', exit(139, { signal: 11 })), 'died'],
  ['was started again by its policy', guest('running'), guest('running', exit(1), 1), 'again'],
  ['was done', guest('running'), guest('stopped', exit(0)), null],
  ['was stopped', guest('stopping'), guest('stopped', exit(143)), null],
  ['had failed already', guest('failed', exit(1)), guest('failed', exit(1)), null],
  ['is seen for the first time', undefined, guest('failed'), null],
  ['was started', guest('stopped', exit(1)), guest('starting', exit(1)), null],
])('one that %s', (_what, before, now, end) => {
  expect(endOf(before, now, [])).toBe(end);
});

test('one that an act ended is no surprise, however quick it was', () => {
  const act = (startedAt: number, endedAt: number | null, targetId = 'g', verb = 'kill') =>
    [{ verb, targetId, startedAt, endedAt, state: endedAt === null ? 'running' : 'done' }] as never;
  const now = guest('stopped', { ...exit(137), at: 5_000 });
  expect(endOf(guest('running'), now, act(4_990, 5_010))).toBeNull();
  expect(endOf(guest('running'), now, act(4_990, null))).toBeNull();
  expect(endOf(guest('running'), now, act(1_000, 2_000))).toBe('died');
  expect(endOf(guest('running'), now, act(4_990, 5_010, 'other'))).toBe('died');
  expect(endOf(guest('running'), now, act(4_000, 4_100, 'g', 'start'))).toBe('died');
});
