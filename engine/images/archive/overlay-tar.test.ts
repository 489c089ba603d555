import tarStream from 'tar-stream';
import { describe, expect, test } from 'vitest';
import { converted } from './overlay-tar.ts';
import { extended, paxRecord, tarHeader } from './tar-header.ts';
import { readTar, type TarEntry } from './tar-reader.ts';

type Entry = Partial<tarStream.Header> & { name: string; content?: string };

function packed(entries: readonly Entry[]): AsyncIterable<Uint8Array> {
  const pack = tarStream.pack();
  for (const { content = '', ...header } of entries) pack.entry({ mtime: new Date(0), ...header }, content);
  pack.finalize();
  return pack as unknown as AsyncIterable<Uint8Array>;
}

async function read(source: AsyncIterable<Uint8Array>): Promise<(TarEntry & { content: string })[]> {
  const seen: (TarEntry & { content: string })[] = [];
  await readTar(source, {
    entry(entry) {
      seen.push({ ...entry, content: '' });
      return true;
    },
    content(bytes) {
      const last = seen.at(-1);
      if (last) last.content += Buffer.from(bytes).toString('latin1').replaceAll('\0', '');
    },
  });
  return seen;
}

const whiteout = { type: 'character-device', devmajor: 0, devminor: 0 } as const;

describe('an overlay folder as a layer', () => {
  test('says with names what overlayfs says with marks', async () => {
    const mark = (namespace: string) => ({ [`SCHILY.xattr.${namespace}.overlay.opaque`]: 'y' });
    const source = packed([
      { name: './', type: 'directory' },
      { name: './a/', type: 'directory', pax: { ...mark('user'), 'SCHILY.xattr.user.own': 'kept' } },
      { name: './a/gone', ...whiteout },
      { name: './b/', type: 'directory', pax: mark('trusted') },
      { name: './b/file', content: 'text' },
      { name: './gone too', ...whiteout },
      { name: './null', type: 'character-device', devmajor: 1, devminor: 3 },
    ]);
    const layer = await read(converted(source, 'user'));
    expect(layer.map(({ name, type, content }) => [name, type, content])).toEqual([
      ['./', 'folder', ''],
      ['./a/', 'folder', ''],
      ['./a/.wh..wh..opq', 'file', ''],
      ['./a/.wh.gone', 'file', ''],
      // A mark of the other name hides nothing here.
      ['./b/', 'folder', ''],
      ['./b/file', 'file', 'text'],
      ['./.wh.gone too', 'file', ''],
      ['./null', 'character', ''],
    ]);
    const attributes = layer.flatMap(({ pax }) => [...pax.keys()].filter((key) => key !== 'path'));
    expect(attributes).toEqual(['SCHILY.xattr.user.own']);
  });

  test('refuses a name that would mean something else', async () => {
    for (const name of ['./.wh.x', './a/.wh..wh..opq', './.wh.folder/'])
      await expect(
        read(converted(packed([{ name, type: name.endsWith('/') ? 'directory' : 'file' }]), 'user')),
      ).rejects.toMatchObject({ code: 'bad-data', message: expect.stringContaining('.wh.') });
  });

  test('ends its source when nobody reads on', async () => {
    let ended = false;
    const source = (async function* () {
      try {
        for (;;) yield tarHeader({ name: 'x' });
      } finally {
        ended = true;
      }
    })();
    for await (const piece of converted(source, 'user')) if (piece.length > 0) break;
    expect(ended).toBe(true);
  });
});

describe('a header', () => {
  test('holds long names and large numbers', async () => {
    const name = `${'a'.repeat(90)}/${'ü'.repeat(90)}`;
    const bytes = Buffer.concat([
      tarHeader({ name, uid: 3_000_000_000, gid: 7, mode: 0o4755, mtime: 1_000_000_000 }),
      Buffer.alloc(1024),
    ]);
    const source = (async function* () {
      yield bytes;
    })();
    expect((await read(source))[0]).toMatchObject({
      name,
      uid: 3_000_000_000,
      gid: 7,
      mode: 0o4755,
      mtime: 1_000_000_000,
    });
  });

  test('counts the length of a record with itself', () => {
    for (const length of [1, 3, 4, 80, 89, 90, 91, 980, 990])
      expect(paxRecord(['k', 'v'.repeat(length)])).toHaveLength(
        Number.parseInt(paxRecord(['k', 'v'.repeat(length)]).toString(), 10),
      );
    expect(extended([])).toHaveLength(0);
  });
});
