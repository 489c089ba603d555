import { expect, test } from 'vitest';
import { coversAnother, foldersStay } from './folders-fit.ts';

const mount = (target: string, source = '/host') => ({ source, target, readOnly: false });

test('folders change in a machine whose memory is shared', () => {
  expect(foldersStay({ isolation: 'vm' }, { shares: [], sharedMemory: true })).toBeNull();
  expect(foldersStay({ isolation: 'vm' }, { shares: [], sharedMemory: false })).toMatch(/--shared-memory/);
  // Of an older version: nobody knows which program serves which.
  expect(foldersStay({ isolation: 'vm' }, { sharedMemory: true })).not.toBeNull();
  expect(foldersStay({ isolation: 'microvm' }, { shares: [], sharedMemory: true })).toMatch(/microVM/);
});

test('one above another would cover it', () => {
  const before = { mounts: [mount('/srv/data'), mount('/a')] };
  expect(coversAnother(before, { mounts: [mount('/srv/')] })).toBe(true);
  expect(coversAnother(before, { mounts: [mount('/srv/data/below'), mount('/srv/database')] })).toBe(false);
  expect(coversAnother({ mounts: [mount('/srv'), mount('/srv/data')] }, { mounts: [mount('/srv')] })).toBe(false);
});
