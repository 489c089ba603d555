import { expect, it } from 'vitest';
import { widestRange } from './subids.ts';

it('takes the widest range given to the user by name or number', () => {
  const text = 'ann:100000:65536\nbob:165536:10\n1001:300000:70000\n# ann:1:1\n';
  expect(widestRange(text, 'ann', 1000)).toEqual({ start: 100000, count: 65536 });
  expect(widestRange(text, 'bob', 1001)).toEqual({ start: 300000, count: 70000 });
  expect(widestRange(text, 'eve', 1002)).toBeNull();
});

it('passes over lines that are no range', () => {
  expect(widestRange('ann\nann::\nann:x:5\nann:5:0\n\n', 'ann', 1000)).toBeNull();
});
