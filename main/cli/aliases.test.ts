import { expect, test } from 'vitest';
import { insteadOf, ourWords } from './aliases.ts';

test.each([
  ['ps -a', 'ls -a'],
  ['container ls -q', 'ls -q'],
  ['container unpause web', 'resume web'],
  ['container rm -f web', 'rm -f web'],
  ['system df', 'df'],
  ['system prune -f', 'prune -f'],
  ['image pull web', 'pull web'],
  ['image ls', 'image ls'],
  ['version', '--version'],
  ['run ps', 'run ps'],
  // It would take something else away than is meant.
  ['container prune -f', 'container prune -f'],
  ['container', 'container'],
  ['', ''],
])('%j is %j', (theirs, ours) => {
  expect(ourWords(theirs.split(' ').filter(Boolean)).join(' ')).toBe(ours);
});

test('what is done elsewhere is said', () => {
  expect(insteadOf('login')).toContain('podman login');
  expect(insteadOf('toString')).toBe('See `guesthouse help`.');
});
