import { expect, it } from 'vitest';
import { MendLog } from './mend-log.ts';

const mend = (id: string, state: 'running' | 'done', hasLog = true) => ({ id, state, hasLog });

it('shows the output of one that runs, as soon as it writes, and once', () => {
  const log = new MendLog([]);
  expect(log.next([mend('a', 'running', false)])).toBeNull();
  expect(log.next([mend('a', 'running')])).toBe('a');
  expect(log.next([mend('a', 'done')])).toBeNull();
});

it('shows that of a quick one, which is over when it is heard of', () => {
  expect(new MendLog([]).next([mend('a', 'done')])).toBe('a');
});

it('shows nothing of what was over before, but what still runs', () => {
  const there = [mend('old', 'done'), mend('now', 'running')];
  const log = new MendLog(there);
  expect(log.next(there)).toBe('now');
});

it('shows the newest of several', () => {
  expect(new MendLog([]).next([mend('a', 'done'), mend('b', 'running')])).toBe('b');
});

it('shows nothing of one that writes nothing', () => {
  expect(new MendLog([]).next([mend('a', 'done', false)])).toBeNull();
});
