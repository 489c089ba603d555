import { expect, test } from 'vitest';
import type { GuestSpec } from '../contract/guest.ts';
import { hostMounts, mountsOf } from './mounts.ts';

const mount = (source: string, target: string) => ({ source, target, readOnly: false });
const guest = {
  spec: { mounts: [mount('named', '/a/b/c'), mount('/host', '/a//b'), mount('other', '/z')] } as unknown as GuestSpec,
  ownVolumes: [{ volume: '0123456789ab', target: '/a/b/d' }],
};

test('what is seen below another comes after it', () => {
  expect(mountsOf(guest).map(({ target }) => target)).toEqual(['/z', '/a//b', '/a/b/d', '/a/b/c']);
});

test('a name is a volume, and only a path is a path', async () => {
  const volumes = { path: async (name: string) => `/volumes/of/${name}` };
  expect((await hostMounts(guest, volumes)).map(({ source }) => source)).toEqual([
    '/volumes/of/other',
    '/host',
    '/volumes/of/0123456789ab',
    '/volumes/of/named',
  ]);
});
