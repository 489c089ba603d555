import { expect, test } from 'vitest';
import { DISK_DEFAULTS } from '../../contract/disk.ts';
import { disksFrom } from './disks.ts';
import type { GuestDocument } from './document.ts';

const MEMBER = { hex: 'a'.repeat(64), sizeBytes: 1 };
const document = (disks: object[], packed: object[]) =>
  ({ guest: { disks }, disks: packed }) as unknown as GuestDocument;

test('a disk is empty of others and as large as the file says; the other host’s own stay there', () => {
  const notes: string[] = [];
  const data = { ...DISK_DEFAULTS, name: 'data', from: 'debian', cache: 'none' };
  const host = { ...DISK_DEFAULTS, name: 'stick', from: '/dev/sdb', format: 'raw' };
  const packed = [{ name: 'data', virtualBytes: 1024 ** 3, ...MEMBER }];
  expect(disksFrom(document([data, host], packed), notes)).toEqual([
    { ...data, from: null, format: 'qcow2', sizeGib: 1 },
  ]);
  expect(notes).toEqual(['stick was a disk of the other host (/dev/sdb) and was left out.']);
  expect(() => disksFrom(document([data], []), notes)).toThrow(expect.objectContaining({ code: 'bad-data' }));
});
