import { expect, test } from 'vitest';
import { crumbsOf, joinPath, parentOf, rightsOf } from './guest-path.ts';

test('paths are joined and taken apart', () => {
  expect(joinPath('/', 'etc')).toBe('/etc');
  expect(joinPath('/etc', 'a b')).toBe('/etc/a b');
  expect(['/', '/etc', '/etc/ssl', '/etc/ssl/'].map(parentOf)).toEqual(['/', '/', '/etc', '/etc']);
  expect(crumbsOf('/var/log').map(({ path }) => path)).toEqual(['/', '/var', '/var/log']);
});

test('rights are said as ls says them', () => {
  expect(rightsOf(0o644)).toBe('rw-r--r--');
  expect(rightsOf(0o4755)).toBe('rwsr-xr-x');
  expect(rightsOf(0o1777)).toBe('rwxrwxrwt');
  expect(rightsOf(0o2640)).toBe('rw-r-S---');
});
