import { describe, expect, test } from 'vitest';
import type { GuestSpec } from '../contract/guest.ts';
import type { ImageConfig } from '../contract/image.ts';
import { RUN_DEFAULTS } from '../guests/run-defaults.ts';
import { ownVolumesFor, plainPath } from './for-guest.ts';
import { volumesOf, volumeUsers } from './users.ts';

const spec = (more: Partial<GuestSpec>): GuestSpec =>
  ({ ...RUN_DEFAULTS, name: 'web', mounts: [], ...more }) as GuestSpec;
const image = (...volumes: string[]) => ({ config: { volumes } as unknown as ImageConfig });
const mount = (source: string, target: string) => ({ source, target, readOnly: false });

describe('the volumes an image wants', () => {
  test('get names of their own, where nothing else is put', () => {
    const mounts = [mount('/srv', '/covered/')];
    const tmpfs = [{ target: '/memory', sizeMib: null }];
    const own = ownVolumesFor(spec({ mounts, tmpfs }), image('/data//db/', '/data/db', '/covered', '/memory', '/log'));
    expect(own.map(({ target }) => target)).toEqual(['/data/db', '/log']);
    expect(new Set(own.map(({ volume }) => volume)).size).toBe(2);
    expect(own[0]?.volume).toMatch(/^[0-9a-f]{12}$/);
  });

  test('are not made by the thousand', () => {
    const many = Array.from({ length: 101 }, (_, at) => `/v${at}`);
    expect(ownVolumesFor(spec({}), image(...many.slice(1)))).toHaveLength(100);
    expect(() => ownVolumesFor(spec({}), image(...many))).toThrow(expect.objectContaining({ code: 'bad-data' }));
  });

  test('are none for a path that is no place', () => {
    expect(ownVolumesFor(spec({}), image('relative', '/', '', '/a/../../b', '/x\0y', '/x\ny'))).toEqual([]);
    expect(ownVolumesFor(spec({}), null)).toEqual([]);
  });
});

test.each([
  ['/a//b/./c/', '/a/b/c'],
  ['/', null],
  ['a', null],
  ['/..', null],
])('%j is plainly %j', (path, plain) => expect(plainPath(path)).toBe(plain));

test('each volume has the guests that use it, once', () => {
  const one = { spec: spec({ name: 'one', mounts: [mount('v', '/a'), mount('v', '/b'), mount('/host', '/c')] }) };
  const two = {
    spec: spec({ name: 'two', mounts: [mount('v', '/a')] }),
    ownVolumes: [{ volume: 'own', target: '/d' }],
  };
  expect(volumesOf(one)).toEqual(['v']);
  expect([...volumeUsers([one, two])]).toEqual([
    ['v', ['one', 'two']],
    ['own', ['two']],
  ]);
});
