import { describe, expect, it } from 'vitest';
import { GuesthouseError } from '../contract/errors.ts';
import { fileFailure } from './failure.ts';
import { guestPath, isBelow, namedPath } from './paths.ts';

const failed = (cause: string) => new GuesthouseError({ code: 'internal', message: 'nsenter failed', cause });

it.each([
  ["stat: can't stat '/x': No such file or directory", 'not-found'],
  ['find: /x/: Not a directory', 'invalid'],
  ["mkdir: can't create directory '/x': File exists", 'conflict'],
  ["mkdir: can't create directory '/x': Read-only file system", 'denied'],
  ['dd: writing: No space left on device', 'resources'],
  ["mv: can't rename '/x': Device or resource busy", 'conflict'],
  ["cp: can't create link '/x': Invalid cross-device link", 'unsupported'],
  ['realpath: /x: Too many levels of symbolic links', 'invalid'],
  ["cat: can't open '/x': Permission denied", 'denied'],
])('%s is %s', (words, code) => {
  expect(fileFailure(failed(words), '/x')).toMatchObject({ code, cause: words });
});

it('leaves other failures as they are', () => {
  const error = failed('something else');
  expect(fileFailure(error, '/x')).toBe(error);
  const late = new GuesthouseError({ code: 'timeout', message: 'late', cause: 'File exists' });
  expect(fileFailure(late, '/x')).toBe(late);
});

describe('paths in a guest', () => {
  it.each(['', 'a', './a', 'a/b', '/a\0b', `/${'x'.repeat(5000)}`])('cannot be %j', (path) => {
    expect(() => guestPath(path)).toThrow(GuesthouseError);
  });
  it.each(['/', '//', '/a/..', '/a/.', '/..'])('name nothing when they are %j', (path) => {
    expect(() => namedPath(path)).toThrow(GuesthouseError);
  });
  it('are taken apart', () => {
    expect(namedPath('/a/b//')).toEqual({ path: '/a/b', folder: '/a', name: 'b' });
    expect(namedPath('/b')).toEqual({ path: '/b', folder: '/', name: 'b' });
    expect(guestPath('///')).toBe('/');
    expect([isBelow('/data', '/data/'), isBelow('/data/x', '/data'), isBelow('/database', '/data')]).toEqual([
      true,
      true,
      false,
    ]);
  });
});
