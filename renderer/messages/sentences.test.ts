import { expect, test } from 'vitest';
import { sentences } from './sentences.ts';

test('parts of a failure become sentences', () => {
  expect(sentences('It was not found.', 'no such file or directory', undefined, 'Check its path.')).toBe(
    'It was not found. no such file or directory. Check its path.',
  );
  expect(sentences('Why?', null, '', 'See `guesthouse doctor`.')).toBe('Why? See `guesthouse doctor`.');
});
