import { expect, test } from 'vitest';
import { kindOf } from './kinds.ts';

test.each([
  ['debian-12.iso', 'image'],
  ['Disk.QCOW2', 'image'],
  ['old.vmdk', 'image'],
  ['disk.raw.xz', 'image'],
  ['shop.tar', 'image'],
  ['shop.tar.gz', 'image'],
  ['box.ova', 'guest'],
  ['debian.box', 'guest'],
  ['web.guest.tar', 'guest'],
  ['compose.yaml', 'project'],
  ['docker-compose.yml', 'project'],
  ['letter.pdf', null],
  ['iso', null],
])('%s: %s', (name, kind) => {
  expect(kindOf(name)).toBe(kind);
});
