import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { incomingFolder, openReceive } from './receive.ts';
import { parseStream } from './schemas.ts';
import type { StreamContext, StreamSink } from './streams.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'gh-receive-'));
});
afterEach(() => rmSync(home, { recursive: true }));

/** An engine that reads what it is given to import. */
function around(importing: (path: string) => unknown = (path) => ({ name: readFileSync(path, 'utf8') })) {
  const ends: { info?: unknown; error?: { code: string } }[] = [];
  const sink = { bytes: () => {}, control: () => {}, credit: () => {}, end: (it: object) => ends.push(it) };
  const context = {
    paths: { home },
    images: { import: async (path: string) => importing(path) },
    guests: { import: async (path: string) => ({ name: basename(path) }) },
    operations: { run: (_wish: object, act: (operation: object) => unknown) => act({}) },
  };
  return { ends, sink: sink as unknown as StreamSink, context: context as unknown as StreamContext };
}
const left = () => (existsSync(incomingFolder(home)) ? readdirSync(incomingFolder(home)) : []);
const bytes = (text: string) => new TextEncoder().encode(text);

test('a file is whole before an image is made of it, and gone after', async () => {
  const { ends, sink, context } = around();
  const stream = await openReceive({ name: 'a.iso', sizeBytes: 6, as: 'image' }, sink, context);
  stream.bytes(bytes('one'));
  stream.bytes(bytes('two'));
  expect(ends).toEqual([]);
  stream.control({ type: 'stdin-end' });
  await vi.waitFor(() => expect(ends).toEqual([{ info: { made: 'image', image: { name: 'onetwo' } } }]));
  expect(left()).toEqual([]);
});

test('or a guest, under the name it came with', async () => {
  const { ends, sink, context } = around();
  const stream = await openReceive({ name: 'box.ova', sizeBytes: 1, as: 'guest' }, sink, context);
  stream.bytes(bytes('x'));
  stream.control({ type: 'stdin-end' });
  await vi.waitFor(() => expect(ends).toEqual([{ info: { made: 'guest', guest: { name: 'box.ova' } } }]));
});

test('one that is cut leaves nothing, and is told to nobody', async () => {
  const importing = vi.fn();
  const { ends, sink, context } = around(importing);
  const stream = await openReceive({ name: 'a.iso', sizeBytes: 6, as: 'image' }, sink, context);
  stream.bytes(bytes('one'));
  await vi.waitFor(() => expect(left()).toHaveLength(1));
  stream.close();
  await vi.waitFor(() => expect(left()).toEqual([]));
  expect(ends).toEqual([]);
  expect(importing).not.toHaveBeenCalled();
});

test.each(['short', 'longer than it said'])('one that is not as long as it said is refused: %s', async (text) => {
  const { ends, sink, context } = around();
  const stream = await openReceive({ name: 'a.iso', sizeBytes: 6, as: 'image' }, sink, context);
  stream.bytes(bytes(text));
  stream.control({ type: 'stdin-end' });
  await vi.waitFor(() => expect(ends[0]?.error?.code).toBe('bad-data'));
  expect(left()).toEqual([]);
});

test('what the disk cannot hold is refused at once', async () => {
  const { sink, context } = around();
  const wish = { name: 'a.iso', sizeBytes: Number.MAX_SAFE_INTEGER, as: 'image' } as const;
  await expect(openReceive(wish, sink, context)).rejects.toMatchObject({ code: 'resources' });
});

test.each(['', '.', '..', 'a/b', '/etc/passwd', 'a\0b', 'x'.repeat(256)])('%j is no name of a file', (name) => {
  expect(() => parseStream('receive', { name, sizeBytes: 1, as: 'image' })).toThrow(/name/);
});
