import { describe, expect, it, test } from 'vitest';
import { createCopyScan } from './scan.ts';
import { place, split } from './where.ts';

describe('places', () => {
  test.each([
    ['web:/etc/hosts', { kind: 'guest', guest: 'web', path: '/etc/hosts' }],
    ['web:etc', { kind: 'guest', guest: 'web', path: '/etc' }],
    ['./a:b', { kind: 'host', path: './a:b' }],
    ['/srv', { kind: 'host', path: '/srv' }],
    ['-', { kind: 'stream' }],
  ])('%s', (text, expected) => expect(place(text)).toEqual(expected));

  it('refuses a guest without a path', () => expect(() => place('web:')).toThrow('no path'));

  test.each([
    ['/etc/hosts', { parent: '/etc', base: 'hosts', contents: false }],
    ['/etc/', { parent: '/', base: 'etc', contents: false }],
    ['/etc/.', { parent: '/', base: 'etc', contents: true }],
    ['/', { parent: '/', base: '', contents: false }],
    ['a', { parent: '.', base: 'a', contents: false }],
  ])('%s in parts', (path, expected) => expect(split(path)).toEqual(expected));
});

type Entry = Parameters<ReturnType<typeof createCopyScan>['judge']>[0];
const entry = (name: string, type: Entry['type'] = 'file', linkName = ''): Entry => ({ name, type, linkName });

describe('what a guest sends', () => {
  const judge = (...entries: Entry[]) => {
    const scan = createCopyScan('etc');
    const verdicts = entries.map((one) => scan.judge(one));
    return { verdicts, left: scan.left };
  };

  test.each<[string, Entry[]]>([
    ['leads out', [entry('etc/../../x')]],
    ['is absolute', [entry('/etc/passwd')]],
    ['is somewhere else', [entry('home/x')]],
    ['is written through a link', [entry('etc/a', 'symlink', 'b'), entry('etc/a/x')]],
    ['replaces a link', [entry('etc/a', 'symlink', 'b'), entry('etc/a')]],
    ['is a hard link to what was not sent', [entry('etc/a', 'link', 'etc/shadow')]],
    ['is a hard link out', [entry('etc/a', 'link', '/etc/shadow')]],
    ['is a hard link to a link', [entry('etc/l', 'symlink', 'x'), entry('etc/a', 'link', 'etc/l')]],
    ['has a zero byte', [entry('etc/a\0b')]],
  ])('is refused when it %s', (_, entries) => {
    expect(() => judge(...entries)).toThrow('not unpacked');
  });

  it('leaves out devices and links that lead out, and says so', () => {
    const { verdicts, left } = judge(
      entry('etc/', 'folder'),
      entry('etc/null', 'character'),
      entry('etc/out', 'symlink', '/usr/bin/x'),
      entry('etc/up', 'symlink', '../x'),
      entry('etc/near', 'symlink', './near2'),
      entry('etc/sub/back', 'symlink', '../near2'),
      entry('etc/dot', 'symlink', '.'),
      entry('etc/sly', 'symlink', 'dot/dot/../../x'),
      entry('etc/near2'),
      entry('etc/hard', 'link', 'etc/near2'),
    );
    expect(verdicts).toEqual(['keep', 'drop', 'drop', 'drop', 'keep', 'keep', 'keep', 'drop', 'keep', 'keep']);
    expect(left).toHaveLength(4);
  });

  it('keeps such links when asked, and still writes nothing through them', () => {
    const scan = createCopyScan('etc', { keepLinks: true });
    expect(scan.judge(entry('etc/out', 'symlink', '/usr'))).toBe('keep');
    expect(() => scan.judge(entry('etc/out/x'))).toThrow('not unpacked');
  });
});
