import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openIso } from './read.ts';
import { writeIso } from './write.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gh-iso-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SECTOR = 2048;
const GOOD = writeIso({
  label: 'SOME_LABEL',
  at: new Date('2026-01-02T03:04:05Z'),
  files: [
    { name: '.treeinfo', content: Buffer.from('[general]\n') },
    { name: 'A Long Name.txt', content: Buffer.from('hello') },
  ],
});

async function opened(bytes: Buffer) {
  const path = join(folder, 'medium.iso');
  writeFileSync(path, bytes);
  return openIso(path);
}
const changed = (change: (bytes: Buffer) => void): Buffer => {
  const bytes = Buffer.from(GOOD);
  change(bytes);
  return bytes;
};
const ROOT = GOOD.readUInt32LE(16 * SECTOR + 156 + 2) * SECTOR;

test('reads labels, and files by their real names in any case', async () => {
  const iso = await opened(GOOD);
  expect(iso.volume.label).toBe('SOME_LABEL');
  expect(await iso.read('.TREEINFO')).toBe('[general]\n');
  expect(await iso.read('/a long name.TXT', 2)).toBe('he');
  expect(await iso.has('a long name.txt')).toBe(true);
  for (const path of ['nothing', '.treeinfo/below', 'a/b/c/d/e/f/g/h/i/j']) expect(await iso.has(path)).toBe(false);
  expect(await iso.read('')).toBeNull();
  await iso.close();
});

test('a medium that is cut off says so', async () => {
  for (const length of [GOOD.length - 1, 20 * SECTOR, 16 * SECTOR + 100, 0])
    await expect(opened(GOOD.subarray(0, length))).rejects.toMatchObject({
      code: 'bad-data',
      message: expect.stringContaining('is a truncated ISO'),
    });
});

test('numbers that lead out of the file are no read', async () => {
  const far = await opened(changed((bytes) => bytes.writeUInt32LE(0xffff_fff0, 16 * SECTOR + 156 + 2)));
  await expect(far.has('x')).rejects.toMatchObject({ code: 'bad-data' });
  await far.close();
  const huge = await opened(changed((bytes) => bytes.writeUInt32LE(0xffff_ffff, 16 * SECTOR + 156 + 10)));
  await expect(huge.has('x')).rejects.toMatchObject({ code: 'bad-data' });
  await huge.close();
  await expect(opened(changed((bytes) => bytes.writeUInt32LE(0xffff_ffff, 16 * SECTOR + 80)))).rejects.toMatchObject({
    code: 'bad-data',
  });
});

test('a folder that holds itself, records of any length and endless descriptors come to an end', async () => {
  // `.treeinfo` becomes a folder whose list is the root's: it holds itself.
  const loop = await opened(
    changed((bytes) => {
      let at = ROOT;
      while (bytes.toString('latin1', at + 33, at + 35) !== '_T') at += bytes[at] as number;
      bytes.writeUInt32LE(ROOT / SECTOR, at + 2);
      bytes.writeUInt32LE(SECTOR, at + 10);
      bytes[at + 25] = 2;
    }),
  );
  expect(await loop.has(Array(100).fill('.treeinfo').join('/'))).toBe(true);
  await loop.close();
  for (const length of [1, 33, 200, 255]) {
    const iso = await opened(changed((bytes) => bytes.fill(length, ROOT, ROOT + SECTOR)));
    expect(await iso.has('x')).toBe(false);
    await iso.close();
  }
  const endless = changed((bytes) => {
    for (let sector = 16; sector < 26; sector++) bytes.write('\x02CD001\x01', sector * SECTOR, 'latin1');
  });
  await expect(opened(endless)).rejects.toMatchObject({ code: 'bad-data' });
});

test('noise is refused and nothing else', async () => {
  for (let seed = 1; seed < 60; seed++) {
    const bytes = changed((it) => {
      for (let count = 0; count < 40; count++) it[(seed * 7919 + count * 104_729) % it.length] = (seed * count) & 255;
    });
    const iso = await opened(bytes).catch((error) => {
      expect(error.code).toBe('bad-data');
      return null;
    });
    await iso?.read('.treeinfo').catch((error) => expect(error.code).toBe('bad-data'));
    await iso?.close();
  }
});
