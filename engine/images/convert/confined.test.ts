import { expect, test } from 'vitest';
import { confinedArgv } from './confined.ts';

test('a program that reads what a stranger wrote has no network, no capability, bounds and a user of its own', () => {
  expect(confinedArgv(['house'], '/bin/setpriv', { uid: 7, groups: [] }, 1000.5).join(' ')).toBe(
    'house unshare --net --ipc -- prlimit --as=4294967296 --fsize=1000 --nofile=1024 --core=0 -- ' +
      '/bin/setpriv --no-new-privs --inh-caps=-all --bounding-set=-all --reuid=7 --regid=7 --clear-groups --',
  );
});

test('it may read what others may not, where it was handed such a file, and nothing more', () => {
  const words = confinedArgv([], '/bin/setpriv', { uid: 7, groups: [], keeps: 'dac_read_search' }, -1);
  expect(words).toContain('--fsize=0');
  expect(words.filter((word) => word.includes('caps') || word.includes('bounding'))).toEqual([
    '--inh-caps=-all,+dac_read_search',
    '--ambient-caps=-all,+dac_read_search',
    '--bounding-set=-all,+dac_read_search',
  ]);
});

test('an ordinary user stays who they are', () => {
  expect(confinedArgv([], '/bin/setpriv', null, 1).join(' ')).not.toContain('reuid');
  expect(confinedArgv([], null, null, 1).at(-1)).toBe('--');
});
