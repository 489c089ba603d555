import { expect, it } from 'vitest';
import { overlayOptions } from './rootfs.ts';

const folders = { upper: '/h/guests/a/upper', work: '/h/guests/a/work', merged: '/h/guests/a/rootfs' };

it('names layers topmost first, relative to the home', () => {
  expect(overlayOptions('/h', ['/h/images/l2', '/h/images/l1'], folders, false)).toBe(
    'lowerdir=images/l2:images/l1,upperdir=guests/a/upper,workdir=guests/a/work',
  );
});

it('keeps its notes in user attributes in a user namespace', () => {
  expect(overlayOptions('/h', ['/h/l'], folders, true)).toMatch(/,userxattr$/);
});

it('escapes what means something in mount options', () => {
  expect(overlayOptions('/h', ['/h/sha256:ab', '/else,where\\x'], folders, false)).toContain(
    'lowerdir=sha256\\:ab:/else\\,where\\\\x,',
  );
});

it('refuses more layers than one page of options holds', () => {
  const layers = Array.from({ length: 100 }, (_, index) => `/h/images/layers/${'a'.repeat(64)}/${index}`);
  expect(() => overlayOptions('/h', layers, folders, false)).toThrow(/more layers/);
});
