import { describe, expect, it } from 'vitest';
import { inOrder, parseFacts } from './list.ts';

const mark = '0123456789abcdef0123456789abcdef';
const line = (shown: string, mode = '81a4') => `${mode} 5 0 0 1700000000 ${shown}${mark}\n`;

describe('what stat answers', () => {
  it('is told by name, kind and target', () => {
    const answer = line('/d/file') + line("'/d/link' -> 'to 'there''", 'a1ff') + line('/d/sub', '41ed');
    expect(parseFacts(answer, '/d', ['file', 'link', 'sub'], mark)).toEqual([
      { name: 'file', kind: 'file', sizeBytes: 5, mode: 0o644, uid: 0, gid: 0, modifiedAt: 1.7e12, linkTarget: null },
      {
        name: 'link',
        kind: 'link',
        sizeBytes: 5,
        mode: 0o777,
        uid: 0,
        gid: 0,
        modifiedAt: 1.7e12,
        linkTarget: "to 'there'",
      },
      { name: 'sub', kind: 'folder', sizeBytes: 5, mode: 0o755, uid: 0, gid: 0, modifiedAt: 1.7e12, linkTarget: null },
    ]);
  });

  it.each([
    ['81a4', 'file'],
    ['41ed', 'folder'],
    ['a1ff', 'link'],
    ['2180', 'device'],
    ['6180', 'device'],
    ['c1ed', 'socket'],
    ['11a4', 'pipe'],
  ])('mode %s is a %s', (mode, kind) => {
    expect(parseFacts(line('/x', mode), '/', ['x'], mark)[0]?.kind).toBe(kind);
  });

  it('leaves out what went away, wherever it was', () => {
    const answer = line('/b') + line('/d');
    expect(parseFacts(answer, '/', ['a', 'b', 'c', 'd', 'e'], mark).map(({ name }) => name)).toEqual(['b', 'd']);
    expect(parseFacts('', '/', ['a'], mark)).toEqual([]);
    expect(parseFacts('nonsense', '/', ['a'], mark)).toEqual([]);
  });

  it('is understood without quotation marks, as GNU gives it when asked to', () => {
    const answer = line('/d/a -> b') + line("/d/l -> it's -> x", 'a1ff');
    const files = parseFacts(answer, '/d', ['a', 'a -> b', 'l'], mark);
    expect(files.map(({ name, kind, linkTarget }) => [name, kind, linkTarget])).toEqual([
      ['a -> b', 'file', null],
      ['l', 'link', "it's -> x"],
    ]);
  });

  it('is not confused by names and targets that look like answers', () => {
    const forged = `a\n81a4 999 0 0 1 /root/fake\n`;
    const target = `x'\n41ed 1 0 0 1 /b`;
    const answer = line(`/${forged}`) + line(`'/l' -> '${target}'`, 'a1ff') + line('/z');
    const files = parseFacts(answer, '/', [forged, 'l', 'z'], mark);
    expect(files.map(({ name, sizeBytes, linkTarget }) => ({ name, sizeBytes, linkTarget }))).toEqual([
      { name: forged, sizeBytes: 5, linkTarget: null },
      { name: 'l', sizeBytes: 5, linkTarget: target },
      { name: 'z', sizeBytes: 5, linkTarget: null },
    ]);
  });
});

it('shows folders first, then by name', () => {
  const file = (name: string, kind: 'file' | 'folder') =>
    parseFacts(line(`/${name}`, kind === 'file' ? '81a4' : '41ed'), '/', [name], mark)[0];
  const sorted = [file('b', 'file'), file('z', 'folder'), file('a', 'file'), file('y', 'folder')] as never[];
  expect(sorted.sort(inOrder).map(({ name }) => name)).toEqual(['y', 'z', 'a', 'b']);
});
