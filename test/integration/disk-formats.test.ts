/** Disks of other programs as images, made by qemu-img and read in a confined one. As root and as an ordinary user. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toErrorShape } from '../../engine/contract/errors.ts';
import { Undo } from '../../engine/host/undo.ts';
import { unpackInto } from '../../engine/images/import/unpack.ts';
import type { Inside } from '../../engine/images/inside.ts';
import { type EngineHome, makeEngineHome } from '../fixtures/engine.ts';
import { convertTo, DISK_BYTES, everyFormat, rawDisk, requireSame } from '../fixtures/foreign-disks.ts';

let home: EngineHome;
let folder: string;
let raw: string;
const files = () => readdirSync(join(home.paths.images, 'files'));
const works = () => readdirSync(join(home.paths.images, 'work'));
const zstdOf = (noise: Buffer) => {
  const path = join(folder, 'bomb.img.zst');
  writeFileSync(path, zstdCompressSync(Buffer.concat(Array.from({ length: 64 }, () => noise))));
  return path;
};
const failure = (path: string) => home.call('images.import', { path }).then(() => expect.fail('taken'), toErrorShape);

beforeAll(async () => {
  home = await makeEngineHome();
  folder = join(home.paths.home, 'disks');
  mkdirSync(folder);
  raw = rawDisk(join(folder, 'disk.raw'));
});
afterAll(() => home?.end());

test('every format becomes an image with the same content', async () => {
  for (const path of everyFormat(raw, folder)) {
    // As a person keeps files that are nobody else's business.
    chmodSync(path, 0o600);
    const image = await home.call('images.import', { path, name: `f-${basename(path).toLowerCase()}` });
    expect(image, path).toMatchObject({
      kind: 'disk',
      virtualBytes: DISK_BYTES,
      origin: expect.stringContaining('imported from '),
    });
    const hex = image.id.slice('sha256:'.length);
    const stored = files().find((name) => name.startsWith(hex)) as string;
    requireSame(raw, join(home.paths.images, 'files', stored), stored.split('.')[1] as string);
  }
  expect(works()).toEqual([]);
});

test('a name is found for each', async () => {
  const { name } = await home.call('images.import', { path: join(folder, 'dynamic.vhdx') });
  expect(name).toBe('dynamic:latest');
});

test('what is cut off, empty of a disk or never ends leaves nothing', async () => {
  const before = files();
  const cut = convertTo(raw, join(folder, 'cut.vmdk'), 'vmdk', 'subformat=streamOptimized');
  truncateSync(cut, Math.floor(statSync(cut).size * 0.7));
  const xz = join(folder, 'cut.img.xz');
  writeFileSync(xz, readFileSync(join(folder, 'disk.img.xz')).subarray(0, 20_000));
  const gz = join(folder, 'cut.img.gz');
  writeFileSync(gz, readFileSync(join(folder, 'disk.img.gz')).subarray(0, 20_000));
  const text = join(folder, 'text.xz');
  writeFileSync(text, execFileSync('xz', ['-c'], { input: 'nothing of the kind' }));
  const twice = join(folder, 'twice.gz');
  writeFileSync(twice, execFileSync('gzip', ['-c', join(folder, 'disk.img.gz')], { maxBuffer: 1e9 }));
  const outside = join(folder, 'outside.vmdk');
  writeFileSync(
    outside,
    readFileSync(join(folder, 'monolithicFlat.vmdk'), 'latin1').replace(/"[^"]*flat.vmdk"/, '"/etc/passwd"'),
  );
  expect(await failure(cut)).toMatchObject({ code: 'bad-data' });
  expect(await failure(xz)).toMatchObject({ code: 'bad-data', message: expect.stringContaining('damaged') });
  expect(await failure(gz)).toMatchObject({ code: 'bad-data', message: expect.stringContaining('damaged') });
  expect(await failure(text)).toMatchObject({ code: 'bad-data', subject: text });
  expect(await failure(twice)).toMatchObject({ code: 'bad-data', message: expect.stringContaining('more than once') });
  expect(await failure(outside)).toMatchObject({ code: 'bad-data', message: expect.stringContaining('own folder') });
  expect(files()).toEqual(before);
  expect(works()).toEqual([]);
});

test('what unfolds to more than there is room for stops by itself', async () => {
  const before = files();
  // Every byte of it has to be written: a bomb of zeros would be nothing but holes.
  const noise = Buffer.alloc(1024 ** 2, 0x5a);
  const bomb = join(folder, 'bomb.img.xz');
  const small = { roomBytes: 8 * 1024 ** 2 };
  writeFileSync(
    bomb,
    execFileSync('xz', ['-0', '-c'], { input: Buffer.concat(Array.from({ length: 64 }, () => noise)), maxBuffer: 1e9 }),
  );
  const target = join(folder, 'unfolded');
  const inside = {
    rootless: true,
    ensure: async () => {},
    prefix: () => (process.getuid?.() === 0 ? [] : ['unshare', '--map-root-user', '--']),
  } as unknown as Inside;
  const operation = { signal: new AbortController().signal, undo: new Undo(), progress: () => {} };
  for (const [path, kind] of [
    [bomb, 'xz'],
    [zstdOf(noise), 'zstd'],
  ] as const) {
    const from = { path, sizeBytes: statSync(path).size };
    await expect(unpackInto(from, kind, target, path, { operation, inside }, small)).rejects.toMatchObject({
      code: 'resources',
    });
    expect(existsSync(target)).toBe(false);
  }
  expect(files()).toEqual(before);
});

test('a conversion that is cancelled leaves nothing', async () => {
  const before = files();
  const large = rawDisk(join(folder, 'large.raw'), 7, 3 * 1024 ** 3);
  const path = convertTo(large, join(folder, 'large.vdi'), 'vdi');
  const importing = failure(path);
  for (;;) {
    const running = (await home.call('operations.list', {})).find(({ state }) => state === 'running');
    if (running) await home.call('operations.cancel', { operation: running.id });
    if (running) break;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(await importing).toMatchObject({ code: 'cancelled' });
  expect(files()).toEqual(before);
  expect(works()).toEqual([]);
});
