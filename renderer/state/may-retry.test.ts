import { expect, test } from 'vitest';
import type { Operation } from '../../engine/contract/index.ts';
import { mayRetry } from './may-retry.ts';

const act = (more: Partial<Operation>): Operation =>
  ({
    id: 'a',
    verb: 'create',
    target: 'web',
    targetId: 'g',
    state: 'failed',
    startedAt: 10,
    retryable: true,
    ...more,
  }) as Operation;
const stopped = new Map([['g', { state: 'stopped' as const }]]);
const none = new Map<string, never>();

test('what failed or was cancelled can be tried again, where it is kept how it was asked for', () => {
  expect(mayRetry(act({}), [], none)).toBe(true);
  expect(mayRetry(act({ state: 'cancelled' }), [], none)).toBe(true);
  expect(mayRetry(act({ state: 'done' }), [], none)).toBe(false);
  expect(mayRetry(act({ retryable: false }), [], none)).toBe(false);
});

test('not once a later try succeeded or is under way', () => {
  const later = (more: Partial<Operation>) => act({ id: 'b', startedAt: 20, targetId: 'other', ...more });
  expect(mayRetry(act({}), [later({ state: 'done' })], none)).toBe(false);
  expect(mayRetry(act({}), [later({ state: 'running' })], none)).toBe(false);
  expect(mayRetry(act({}), [later({ state: 'failed' })], none)).toBe(true);
  expect(mayRetry(act({}), [later({ state: 'done', target: 'db' })], none)).toBe(true);
  expect(mayRetry(act({}), [later({ state: 'done', startedAt: 5 })], none)).toBe(true);
});

test('an act on a guest needs the guest, in a state that allows it; a later one counts for that guest alone', () => {
  const start = act({ verb: 'start' });
  expect(mayRetry(start, [], none)).toBe(false);
  expect(mayRetry(start, [], stopped)).toBe(true);
  expect(mayRetry(act({ verb: 'pause' }), [], stopped)).toBe(false);
  expect(mayRetry(act({ verb: 'export' }), [], none)).toBe(false);
  const other = act({ id: 'b', verb: 'start', targetId: 'h', startedAt: 20, state: 'done' });
  expect(mayRetry(start, [other], stopped)).toBe(true);
});
