import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import tar from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { readTar, type TarEntry } from './tar-reader.ts';

async function* chunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(bytes: Uint8Array, chunkBytes = 777) {
  const entries: (TarEntry & { body: string })[] = [];
  let body: Buffer[] = [];
  const close = () => {
    const last = entries.at(-1);
    if (last) last.body = Buffer.concat(body).subarray(0, last.sizeBytes).toString();
    body = [];
  };
  await readTar(chunks(bytes, chunkBytes), {
    entry(entry) {
      close();
      entries.push({ ...entry, body: '' });
      return true;
    },
    content: (piece) => void body.push(Buffer.from(piece)),
  });
  close();
  return entries;
}

const packed = (...entries: [Partial<tar.Header> & { name: string }, string?][]) => {
  const pack = tar.pack();
  for (const [header, content] of entries) pack.entry(header, content ?? '');
  pack.finalize();
  return buffer(pack);
};

/** Changes a header's bytes and makes its checksum right again. */
function altered(bytes: Buffer, at: number, text: string): Buffer {
  const copy = Buffer.from(bytes);
  copy.write(text, at, 'latin1');
  copy.write('        ', 148, 'latin1');
  const sum = copy.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  copy.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return copy;
}

describe('readTar', () => {
  it('reads names, contents and positions whatever the size of the chunks', async () => {
    const long = `${'n'.repeat(90)}/${'m'.repeat(90)}/ü`;
    const bytes = await packed(
      [{ name: 'a/', type: 'directory', mode: 0o1777 }],
      [{ name: long, uid: 7, pax: { 'SCHILY.xattr.user.x': 'y' } }, 'content'],
      [{ name: 'link', type: 'symlink', linkname: '/etc' }],
      [{ name: 'null', type: 'character-device', devmajor: 1, devminor: 3 }],
    );
    for (const size of [1, 511, 512, 4096, 1e6]) {
      const entries = await read(bytes, size);
      expect(entries.map(({ name, type, body }) => [name, type, body])).toEqual([
        ['a/', 'folder', ''],
        [long, 'file', 'content'],
        ['link', 'symlink', ''],
        ['null', 'character', ''],
      ]);
      expect(entries[1]).toMatchObject({ uid: 7, sizeBytes: 7 });
      expect(bytes.subarray(entries[1]?.offset, (entries[1]?.offset ?? 0) + 7).toString()).toBe('content');
      expect(entries[3]).toMatchObject({ major: 1, minor: 3 });
    }
  });

  it('keeps headers whole: written one after the other they are the archive again', async () => {
    const bytes = await packed([{ name: 'é'.repeat(120) }, 'x'], [{ name: 'b' }, 'y']);
    const parts: Uint8Array[] = [];
    await readTar(chunks(bytes, 100), {
      entry: (entry) => parts.push(entry.header) > 0,
      content: (piece) => void parts.push(Buffer.from(piece)),
    });
    expect(Buffer.concat([...parts, Buffer.alloc(1024)])).toEqual(bytes);
  });

  it('refuses what readers could understand differently', async () => {
    const plain = await packed([{ name: 'a' }, 'x']);
    await expect(read(plain.subarray(0, 700))).rejects.toThrow(/too early/);
    await expect(read(Buffer.alloc(0))).rejects.toThrow(/empty/);
    await expect(read(Buffer.from(plain).fill(1, 100, 104))).rejects.toThrow(/checksum|octal/);
    await expect(read(altered(plain, 156, 'S'))).rejects.toThrow(/type "S"/);
    await expect(read(altered(plain, 156, '5'))).rejects.toThrow(/has a size/);
    await expect(read(altered(plain, 124, '\xff'.repeat(12)))).rejects.toThrow(/negative/);
  });

  it('answers any damage with bad-data and never anything else', async () => {
    const sound = await packed(
      [{ name: 'ü'.repeat(60), pax: { 'SCHILY.xattr.user.x': 'y' } }, 'x'.repeat(700)],
      [{ name: 'b' }, 'y'],
    );
    const damage = fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(damage, async (changes) => {
        const bytes = Buffer.from(sound);
        for (const [at, value] of changes) bytes[at] = value;
        await read(bytes, 4096).catch((error) => expect(error).toMatchObject({ code: 'bad-data' }));
      }),
      { numRuns: 200 },
    );
  });
});
