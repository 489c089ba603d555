import { expect, test } from 'vitest';
import { GuesthouseError } from '../contract/errors.ts';
import { explainSpace, isSpaceError } from './space.ts';

const said = (cause: string) => new GuesthouseError({ code: 'internal', message: 'tar failed.', cause });

test.each([
  [Object.assign(new Error('write'), { code: 'ENOSPC' })],
  [Object.assign(new Error('write'), { code: 'EDQUOT' })],
  [said('mke2fs: Could not allocate block in ext2 filesystem')],
  [said('tar: ./big: Cannot write: No space left on device')],
  [said('tar: ./big: Wrote only 13312 of 524288 bytes')],
])('a full disk is known, however it is told: %s', (thrown) => {
  expect(isSpaceError(thrown)).toBe(true);
  expect(explainSpace(thrown, '/srv/home', 'importing x')).toMatchObject({
    code: 'resources',
    message: 'No space left while importing x.',
  });
});

test('anything else stays what it is', () => {
  const other = said('tar: ./big: Cannot open: Permission denied');
  expect(explainSpace(other, '/srv/home', 'importing x')).toBe(other);
});
