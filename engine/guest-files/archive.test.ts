import tar from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { readTar, type TarEntry } from '../images/archive/tar-reader.ts';
import { plainArchive, plainHeader } from './archive.ts';

type Header = Partial<tar.Header> & { name: string; content?: string };
function archive(...entries: Header[]): AsyncIterable<Uint8Array> {
  const pack = tar.pack();
  for (const { content, ...header } of entries) pack.entry(header, content ?? '');
  pack.finalize();
  return pack as unknown as AsyncIterable<Uint8Array>;
}

async function plain(source: AsyncIterable<Uint8Array>) {
  const made = plainArchive(source);
  const found: (Pick<TarEntry, 'name' | 'type' | 'linkName' | 'mode' | 'uid' | 'mtime'> & { content: string })[] = [];
  const bytes: Uint8Array[] = [];
  for await (const part of made.bytes) bytes.push(part);
  const whole = Buffer.concat(bytes);
  async function* again() {
    yield whole;
  }
  await readTar(again(), {
    entry({ name, type, linkName, mode, uid, mtime, sizeBytes, offset }) {
      const content = whole.subarray(offset, offset + sizeBytes).toString();
      found.push({ name, type, linkName, mode, uid, mtime, content });
      return false;
    },
    content() {},
  });
  return { found, whole, entries: made.count() };
}

describe('an archive written anew', () => {
  it('keeps names, owners, times and content, and has no pax headers', async () => {
    const long = `${'ä'.repeat(80)}/${'b'.repeat(200)}`;
    const { found, whole, entries } = await plain(
      archive(
        { name: './', type: 'directory' },
        {
          name: '/abs/./file',
          mode: 0o4751,
          pax: { uid: '3000000' },
          mtime: new Date(1e12),
          content: 'x'.repeat(1000),
        },
        { name: long, content: 'deep' },
        { name: 'soft', type: 'symlink', linkname: `../../${'t'.repeat(150)}` },
        { name: 'hard', type: 'link', linkname: './abs/file' },
        { name: 'folder', type: 'directory', mode: 0o700 },
      ),
    );
    expect(entries).toBe(5);
    expect(found.map(({ name, type, linkName }) => [type, name, linkName])).toEqual([
      ['file', 'abs/file', ''],
      ['file', long, ''],
      ['symlink', 'soft', `../../${'t'.repeat(150)}`],
      ['link', 'hard', 'abs/file'],
      ['folder', 'folder/', ''],
    ]);
    expect(found[0]).toMatchObject({ mode: 0o4751, uid: 3_000_000, mtime: 1e9, content: 'x'.repeat(1000) });
    expect(found[1]?.content).toBe('deep');
    const flags = new Set<string>();
    for (let at = 0; at < whole.length; at += 512) {
      if (whole.toString('latin1', at + 257, at + 262) === 'ustar')
        flags.add(String.fromCharCode(whole[at + 156] as number));
    }
    expect([...flags].sort()).toEqual(['0', '1', '2', '5', 'K', 'L']);
  });

  it.each<[string, Header]>([
    ['a way up', { name: '../x' }],
    ['a way up in the middle', { name: 'a/../../x' }],
    ['a hard link up', { name: 'x', type: 'link', linkname: '../../etc/passwd' }],
    ['a device', { name: 'x', type: 'block-device', devmajor: 8, devminor: 0 }],
  ])('is refused with %s', async (_, entry) => {
    await expect(plain(archive({ name: 'before', content: 'x' }, entry))).rejects.toMatchObject({ code: 'bad-data' });
  });

  it.each([
    ['nothing at all', Buffer.alloc(0)],
    ['no archive', Buffer.from('hello')],
    ['a name that is no text', Buffer.concat([withBadName(), Buffer.alloc(1024)])],
  ])('is refused when it is %s', async (_, bytes) => {
    async function* source() {
      yield bytes;
    }
    await expect(plain(source())).rejects.toMatchObject({ code: 'bad-data' });
  });

  it('fails with its source', async () => {
    async function* source() {
      yield plainHeader({ name: 'a', linkName: '', type: 'file', sizeBytes: 9, mode: 0, uid: 0, gid: 0, mtime: 0 });
      throw new Error('gone');
    }
    await expect(plain(source())).rejects.toThrow('gone');
  });
});

function withBadName(): Buffer {
  const header = plainHeader({
    name: 'a',
    linkName: '',
    type: 'file',
    sizeBytes: 0,
    mode: 0,
    uid: 0,
    gid: 0,
    mtime: 0,
  });
  header[0] = 0xff;
  header.fill(0x20, 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}
