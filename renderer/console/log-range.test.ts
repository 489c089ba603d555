import { expect, test } from 'vitest';
import { momentOf } from './log-range.ts';

test('moments are read as people write them', () => {
  const now = new Date('2026-11-05T12:00:00').getTime();
  expect(momentOf('', now)).toBeNull();
  expect(momentOf('9:30', now)).toBe(new Date('2026-11-05T09:30:00').getTime());
  expect(momentOf('2026-11-04 23:15:30', now)).toBe(new Date('2026-11-04T23:15:30').getTime());
  expect(momentOf('25:00', now)).toBeNaN();
  expect(momentOf('yesterday', now)).toBeNaN();
});
