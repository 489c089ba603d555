import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { exists } from '../../../host/files.ts';
import {
  behindTop,
  type LayerRecord,
  layerPath,
  nextPath,
  over,
  readLayers,
  topPath,
  withoutLayer,
  writeLayers,
} from './record.ts';
import { settleLayers } from './settle.ts';

const [A, B, C] = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb', 'cccccccccccc'] as const;
const IMAGE = { path: '/images/x.raw', format: 'raw' } as const;
/** B stands on A, and so do C and the disk `data`. */
const TREE: LayerRecord = {
  tops: { root: B, data: A },
  layers: { [A]: { root: null, data: null }, [B]: { root: A }, [C]: { root: A } },
  pending: null,
};

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'layers-'));
});
afterEach(async () => {
  await rm(home, { recursive: true });
});

test('what is behind a disk is named by the record, down to the image', () => {
  const chain = behindTop('/g', TREE, 'root', IMAGE);
  expect(chain).toMatchObject({
    name: `disk.${B}.qcow2`,
    path: `/g/disk.${B}.qcow2`,
    backing: { name: `disk.${A}.qcow2`, backing: { name: '/images/x.raw', format: 'raw', backing: null } },
  });
  expect(behindTop('/g', TREE, 'data', null)).toMatchObject({ path: `/g/disks/data.${A}.qcow2`, backing: null });
  expect(behindTop('/g', TREE, 'other', null)).toBeNull();
});

test('a layer that goes is taken out from between', () => {
  expect(over(TREE, 'root', A)).toEqual([B, C]);
  expect(over(TREE, 'data', A)).toEqual([null]);
  const once = withoutLayer(TREE, 'root', A);
  expect(once.layers).toEqual({ [A]: { data: null }, [B]: { root: null }, [C]: { root: null } });
  expect(withoutLayer(once, 'data', A)).toMatchObject({ tops: { root: B }, layers: { [B]: {}, [C]: {} } });
  expect(withoutLayer(TREE, 'root', B)).toMatchObject({ tops: { root: A, data: A } });
});

const put = (path: string, text: string) => writeFile(path, text);
const begin = (ready: boolean) =>
  writeLayers(home, { ...TREE, tops: {}, layers: {}, pending: { kind: 'take', layer: A, disks: ['root'], ready } });

test.each([
  ['before anything was moved', async () => put(topPath(home, 'root'), 'old')],
  ['between the two moves', async () => put(layerPath(home, 'root', A), 'old')],
])('a snapshot that was cut off %s is carried on', async (_, cut) => {
  await begin(true);
  await cut();
  await put(nextPath(home, 'root', A), 'new');
  const record = await settleLayers(home, null);
  expect(record).toEqual({ tops: { root: A }, layers: { [A]: { root: null } }, pending: null });
  expect(await readLayers(home)).toEqual(record);
  expect(await exists(topPath(home, 'root'))).toBe(true);
  expect(await exists(layerPath(home, 'root', A))).toBe(true);
  expect(await exists(nextPath(home, 'root', A))).toBe(false);
});

test('one that was cut off before, or that QEMU knows nothing of, never was', async () => {
  for (const [ready, running] of [
    [false, null],
    [true, async () => false],
  ] as const) {
    await begin(ready);
    await put(topPath(home, 'root'), 'old');
    await put(nextPath(home, 'root', A), 'new');
    expect(await settleLayers(home, running)).toEqual({ tops: {}, layers: {}, pending: null });
    expect(await exists(nextPath(home, 'root', A))).toBe(false);
  }
});
