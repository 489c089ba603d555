import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { catalogEntries, readBootMedium } from './boot-medium.ts';

const home = mkdtempSync(join(tmpdir(), 'gh-medium-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** A catalog: the default entry's platform, then sections of others. */
function catalog(first: number, ...others: number[]): Buffer {
  const sector = Buffer.alloc(2048);
  sector.set([1, first], 0);
  sector.set([0x55, 0xaa], 30);
  sector[32] = 0x88;
  sector.writeUInt32LE(20, 40);
  others.forEach((platform, index) => {
    const at = 64 + index * 64;
    sector.set([index === others.length - 1 ? 0x91 : 0x90, platform, 1], at);
    sector[at + 32] = 0x88;
    sector.writeUInt32LE(21, at + 40);
  });
  return sector;
}

function iso(catalogSector: Buffer, fat = ''): string {
  const image = Buffer.alloc(22 * 2048 + 4096);
  image.write('\0CD001\x01EL TORITO SPECIFICATION', 17 * 2048, 'latin1');
  image.writeUInt32LE(19, 17 * 2048 + 0x47);
  catalogSector.copy(image, 19 * 2048);
  image.write(fat, 21 * 2048 + 100, 'latin1');
  const path = join(home, 'medium.iso');
  writeFileSync(path, image);
  return path;
}

test('a medium for both, for one, and for none', async () => {
  expect(await readBootMedium(iso(catalog(0, 0xef), 'BOOTX64 EFI'))).toEqual({
    bios: true,
    efi: true,
    architecture: 'x86_64',
  });
  expect(await readBootMedium(iso(catalog(0)))).toEqual({ bios: true, efi: false, architecture: null });
  expect(await readBootMedium(iso(catalog(0, 0xef), 'BOOTAA64EFI'))).toMatchObject({ architecture: 'aarch64' });
  expect(await readBootMedium(iso(Buffer.alloc(2048)))).toEqual({ bios: false, efi: false, architecture: null });
});

test('a short or hostile file is a medium that does not start', async () => {
  const path = join(home, 'short.iso');
  writeFileSync(path, 'CD001');
  expect(await readBootMedium(path)).toMatchObject({ bios: false, efi: false });
  const far = catalog(0xef);
  far.writeUInt32LE(0xffffffff, 40);
  expect(await readBootMedium(iso(far))).toEqual({ bios: false, efi: true, architecture: null });
  expect(catalogEntries(Buffer.alloc(10))).toEqual([]);
});
