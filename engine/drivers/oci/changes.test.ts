import { expect, it } from 'vitest';
import { fileChanges } from './changes.ts';
import type { UpperEntry } from './upper.ts';

const entry = (path: string, kind: UpperEntry['kind'] = 'file', more: Partial<UpperEntry> = {}): UpperEntry => ({
  path,
  kind,
  opaque: false,
  sizeBytes: kind === 'file' ? 3 : 0,
  mode: 0o644,
  uid: 0,
  gid: 0,
  modifiedAt: 0,
  linkTarget: null,
  ...more,
});
const shown = (changes: ReturnType<typeof fileChanges>) => changes.map(({ path, change }) => `${change} ${path}`);

it('tells what was added, changed and removed', () => {
  const entries = [entry('etc', 'folder'), entry('etc/passwd'), entry('etc/shadow', 'whiteout'), entry('new')];
  expect(shown(fileChanges(entries, new Set(['etc', 'etc/passwd']), [], []))).toEqual([
    'changed /etc',
    'changed /etc/passwd',
    'removed /etc/shadow',
    'added /new',
  ]);
});

it('leaves out what was made to mount something on, and folders changed by that alone', () => {
  const places = ['/proc', '/etc/hosts', '/deep/down/data', '/etc/resolv.conf'];
  const entries = [
    entry('deep', 'folder'),
    entry('deep/down', 'folder'),
    entry('deep/down/data', 'folder'),
    entry('etc', 'folder'),
    entry('etc/hosts', 'file', { sizeBytes: 0 }),
    entry('etc/resolv.conf'),
    entry('proc', 'folder'),
  ];
  // One that has content was written by the guest.
  expect(shown(fileChanges(entries, new Set(['etc']), [], places))).toEqual(['changed /etc', 'added /etc/resolv.conf']);
});

it('names what was in a folder that was replaced as a whole', () => {
  const entries = [entry('opt', 'folder', { opaque: true }), entry('opt/kept')];
  const hidden = ['opt/kept', 'opt/gone', 'opt/gone'];
  expect(shown(fileChanges(entries, new Set(['opt', 'opt/kept']), hidden, []))).toEqual([
    'changed /opt',
    'removed /opt/gone',
    'changed /opt/kept',
  ]);
});
