import { chmodSync, createReadStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type LayerEntry, layerTar } from '../../../test/fixtures/image-archives.ts';
import type { FileSource } from '../archive/file-source.ts';
import { SCAN_LIMITS } from '../archive/layer-scan.ts';
import { sha256Hex } from '../digests.ts';
import type { UnpackOrder } from './protocol.ts';
import { unpackInThread } from './thread.ts';

const never = new AbortController().signal;
let folder = '';
let order: UnpackOrder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gh-unpack-'));
  mkdirSync(join(folder, 'tree'));
  order = {
    tree: join(folder, 'tree'),
    marksTar: join(folder, 'marks.tar'),
    prefix: ['env'],
    rootless: true,
    owners: false,
    limits: SCAN_LIMITS,
    expected: null,
    damaged: null,
  };
});
afterEach(() => rmSync(folder, { recursive: true }));

async function* cut(bytes: Buffer, size = 100_000): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const entries: LayerEntry[] = [
  { name: 'etc/motd', content: Buffer.from('hello\n') },
  { name: 'big', content: Buffer.alloc(3_000_000, 'abc') },
];

describe('the unpacking thread', () => {
  test('several layers at once, squeezed and plain; what it was given is still there', async () => {
    const plain = await layerTar(entries);
    const before = sha256Hex(plain);
    const other = join(folder, 'other');
    mkdirSync(other);
    const damaged = { code: 'bad-data', message: 'damaged' } as const;
    const [one, two] = await Promise.all([
      unpackInThread(cut(plain), { ...order, expected: before }, never),
      unpackInThread(cut(gzipSync(plain)), { ...order, tree: other, damaged, expected: before }, never),
    ]);
    expect(one).toMatchObject({ diffId: before, entries: 2 });
    expect(two).toEqual(one);
    for (const tree of [order.tree, other]) {
      expect(readFileSync(join(tree, 'etc/motd'), 'utf8')).toBe('hello\n');
      expect(readFileSync(join(tree, 'big')).equals(Buffer.alloc(3_000_000, 'abc'))).toBe(true);
    }
    expect(sha256Hex(plain)).toBe(before);
  });

  test('a file read by a stream of Node’s, which has a descriptor too', async () => {
    const plain = await layerTar(entries);
    writeFileSync(join(folder, 'layer.tar'), plain);
    const unpacked = await unpackInThread(createReadStream(join(folder, 'layer.tar')), order, never);
    expect(unpacked.diffId).toBe(sha256Hex(plain));
  });

  test('says what is wrong: the digest, the entry, the stream, the program, the disk', async () => {
    const plain = await layerTar(entries);
    const fails = (source: AsyncIterable<Uint8Array>, change: Partial<UnpackOrder> = {}) =>
      expect(unpackInThread(source, { ...order, ...change }, never)).rejects;
    await fails(cut(plain), { expected: 'a'.repeat(64) }).toMatchObject({ code: 'bad-data' });
    const outside = await layerTar([{ name: '../up', content: Buffer.from('x') }]);
    await fails(cut(outside)).toMatchObject({ code: 'bad-data', message: expect.stringMatching(/leaves the layer/) });
    const damaged = { code: 'bad-data', message: 'It is damaged.', subject: 'x' } as const;
    const squeezed = gzipSync(plain);
    await fails(cut(squeezed.fill(7, 500, 600)), { damaged }).toMatchObject(damaged);
    await fails(cut(plain), { prefix: ['there-is-no-such-program'] }).toMatchObject({ code: 'missing-tool' });
    await fails(cut(plain), { limits: { ...SCAN_LIMITS, roomBytes: 1000 } }).toMatchObject({ code: 'ENOSPC' });
    const failing = (async function* () {
      yield plain.subarray(0, 1000);
      throw new RangeError('the line broke');
    })();
    await fails(failing).toThrow(RangeError);
  });

  test.runIf(process.getuid?.() !== 0)('a folder that may not be written in', async () => {
    chmodSync(order.tree, 0o500);
    await expect(unpackInThread(cut(await layerTar(entries)), order, never)).rejects.toMatchObject({
      code: 'bad-data',
      cause: expect.stringContaining('Permission denied'),
    });
    chmodSync(order.tree, 0o700);
  });

  test('cancelled: at once, with nothing left running', async () => {
    const abort = new AbortController();
    const pid = join(folder, 'pid');
    writeFileSync(join(folder, 'slow.sh'), `echo $$ >${pid}; exec sleep 60`);
    const endless = (async function* () {
      const start = await layerTar(entries);
      yield start.subarray(0, 1_000_000);
      abort.abort(new Error('enough'));
      await new Promise(() => {});
    })();
    const prefix = ['sh', join(folder, 'slow.sh')];
    const unpacking = unpackInThread(endless, { ...order, prefix }, abort.signal);
    await expect(unpacking).rejects.toThrow('enough');
    const running = () => process.kill(Number(readFileSync(pid, 'utf8')), 0);
    expect(running).toThrow();
  });
});

describe('bytes that come into a file', () => {
  /** As a download is: `steps` bytes at a time. */
  async function growing(bytes: Buffer, steps: number, failure: Error | null = null) {
    const file = await open(join(folder, `blob-${bytes.length}-${steps}`), 'w+');
    let have = 0;
    let taken = 0;
    const source: FileSource = {
      fd: file.fd,
      async beyond(at) {
        if (at >= bytes.length) return null;
        if (failure && at > 0) throw failure;
        const piece = bytes.subarray(have, have + steps);
        await file.write(piece, 0, piece.length, have);
        have += piece.length;
        return have;
      },
      taken: (count) => {
        taken += count;
      },
      async *[Symbol.asyncIterator]() {
        yield Buffer.from('to be read from the file instead');
      },
    };
    return { source, taken: () => taken, close: () => file.close() };
  }

  test.each([
    ['squeezed', 100_000, gzipSync],
    ['squeezed, byte by byte', 1, gzipSync],
    ['plain', 700_000, (plain: Buffer) => plain],
  ])('%s', async (_, steps, squeeze) => {
    const plain = await layerTar(steps === 1 ? entries.slice(0, 1) : entries);
    const bytes = squeeze(plain);
    const damaged = { code: 'bad-data', message: 'damaged' } as const;
    const { source, taken, close } = await growing(bytes, steps);
    const expected = sha256Hex(plain);
    expect(await unpackInThread(source, { ...order, damaged, expected }, never)).toMatchObject({ diffId: expected });
    expect(readFileSync(join(order.tree, 'etc/motd'), 'utf8')).toBe('hello\n');
    if (steps > 1) expect(readFileSync(join(order.tree, 'big')).equals(Buffer.alloc(3_000_000, 'abc'))).toBe(true);
    expect(taken()).toBe(bytes.length);
    await close();
  });

  test('what stops the bytes is thrown', async () => {
    const { source, close } = await growing(await layerTar(entries), 1000, new RangeError('the line broke'));
    await expect(unpackInThread(source, order, never)).rejects.toThrow(RangeError);
    await close();
  });
});
