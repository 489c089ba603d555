import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { detachedLuks2, luks1, luks2, PASSPHRASE } from '../../../../test/fixtures/encrypted-disk.ts';
import { findProgram } from '../../../host/tools.ts';
import { whyNoPassphrase } from './encrypted.ts';
import { whyUnknown } from './file-systems.ts';
import { headerBytes, type Luks, parseLuks } from './luks.ts';
import { derived, volumeKey } from './luks-key.ts';

const headerOf = (disk: Buffer) => parseLuks(disk.subarray(0, headerBytes(disk) ?? 0));
const keyOf = (disk: Buffer, passphrase = PASSPHRASE, signal = new AbortController().signal) =>
  volumeKey(headerOf(disk) as Luks, 'vda1', passphrase, async (at, bytes) => disk.subarray(at, at + bytes), signal);

/** A header of version 2 with something else in it, its checksum right. */
function altered(disk: Buffer, from: string, to: string): Buffer {
  const header = Buffer.from(disk.subarray(0, headerBytes(disk) ?? 0));
  const text = header
    .toString('utf8', 4096)
    .replace(from, to)
    .slice(0, header.length - 4096);
  header.fill(0, 4096).write(text, 4096, 'utf8');
  header.fill(0, 448, 512);
  createHash('sha256').update(header).digest().copy(header, 448);
  return header;
}

it.each([
  ['sectors of no size', '"sector_size":512', '"sector_size":0'],
  ['sectors of an odd size', '"sector_size":512', '"sector_size":1000'],
  ['data that begin within a sector', '"offset":"1048576"', '"offset":"1048577"'],
])('says that a header is damaged: %s', (_, from, to) => {
  const disk = luks2(Buffer.alloc(4096));
  expect(parseLuks(altered(disk, from, from))).toMatchObject({ version: 2 });
  expect(parseLuks(altered(disk, from, to))).toBe('Its header is damaged.');
});

it('names Argon2 where Node has none, and takes no time over it', async () => {
  const how = { kind: 'argon2id', passes: 4, memoryKib: 64, lanes: 1, salt: Buffer.alloc(16) } as const;
  const { signal } = new AbortController();
  await expect(derived(how, 'x', 32, signal, null)).rejects.toMatchObject({
    code: 'unsupported',
    message: /no Argon2/,
  });
  expect(await derived(how, 'x', 32, signal)).toHaveLength(32);
});

it('says of a detached header, and of what it may belong to, that they are not put together', () => {
  const { header, data } = detachedLuks2(Buffer.alloc(8192));
  expect(whyNoPassphrase(header)).toContain('a detached one');
  expect(whyUnknown(data)).toContain('a detached LUKS header');
  expect(whyNoPassphrase(luks2(Buffer.alloc(4096)))).toBeNull();
  expect(whyNoPassphrase(luks1(Buffer.alloc(4096)))).toBeNull();
  for (const plain of [Buffer.alloc(0), Buffer.alloc(4096), Buffer.from('text '.repeat(900))])
    expect(whyUnknown(plain)).toBeNull();
});

it.each([
  ['Argon2id', { kind: 'argon2id', passes: 2000, memoryKib: 64 * 1024, lanes: 1, salt: Buffer.alloc(16) }],
  ['PBKDF2', { kind: 'pbkdf2', hash: 'sha512', iterations: 100_000_000, salt: Buffer.alloc(16) }],
] as const)('ends a derivation of minutes at once when it is cancelled: %s', { timeout: 30_000 }, async (_, how) => {
  const cancel = new AbortController();
  const deriving = derived(how, 'x', 32, cancel.signal);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const at = performance.now();
  cancel.abort();
  await expect(deriving).rejects.toMatchObject({ code: 'cancelled' });
  expect(performance.now() - at).toBeLessThan(2000);
});

it('tries no further slot once it is cancelled', async () => {
  await expect(keyOf(luks1(Buffer.alloc(4096)), PASSPHRASE, AbortSignal.abort(new Error('enough')))).rejects.toThrow(
    'enough',
  );
});

it.each([
  [1, luks1, { cipher: 'aes-cbc-essiv:sha256', sectorBytes: 512, sizeBytes: null }],
  [2, luks2, { cipher: 'aes-xts-plain64', sectorBytes: 512, sizeBytes: null }],
] as const)('opens version %i with its passphrase and with no other', async (version, make, data) => {
  const disk = make(Buffer.alloc(4096));
  expect(headerOf(disk)).toMatchObject({ version, data: { atBytes: 1024 ** 2, ...data } });
  expect((await keyOf(disk)).length).toBe(version === 1 ? 32 : 64);
  await expect(keyOf(disk, 'another')).rejects.toMatchObject({ code: 'denied' });
});

it('opens what cryptsetup makes', { timeout: 120_000 }, async (context) => {
  const cryptsetup = findProgram('cryptsetup');
  if (cryptsetup === null) context.skip('cryptsetup is not installed');
  const folder = mkdtempSync(join(tmpdir(), 'guesthouse-luks-'));
  try {
    const [file, keyFile] = [join(folder, 'disk'), join(folder, 'key')];
    for (const options of [
      ['--type', 'luks1', '--key-size', '512', '--pbkdf-force-iterations', '1000'],
      [
        '--type',
        'luks1',
        '--cipher',
        'aes-cbc-essiv:sha256',
        '--key-size',
        '256',
        '--hash',
        'sha512',
        '--iter-time',
        '10',
      ],
      [
        '--type',
        'luks2',
        '--key-size',
        '512',
        '--pbkdf',
        'argon2id',
        '--pbkdf-memory',
        '4096',
        '--pbkdf-force-iterations',
        '4',
      ],
      [
        '--type',
        'luks2',
        '--key-size',
        '256',
        '--pbkdf',
        'pbkdf2',
        '--hash',
        'sha512',
        '--iter-time',
        '10',
        '--sector-size',
        '4096',
      ],
    ]) {
      const bytes = Number(options[options.indexOf('--key-size') + 1]) / 8;
      const key = randomBytes(bytes);
      writeFileSync(keyFile, key);
      writeFileSync(file, '');
      truncateSync(file, 20 * 1024 ** 2);
      const argv = ['luksFormat', '-q', ...options, '--master-key-file', keyFile, '--key-file', '-', file];
      execFileSync(cryptsetup as string, argv, { input: PASSPHRASE });
      expect((await keyOf(readFileSync(file))).equals(key), options.join(' ')).toBe(true);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('says what is wrong with a header, and never works for ever', async () => {
  const disk = luks2(Buffer.alloc(512));
  const spoiled = Buffer.from(disk);
  spoiled[5000] = 1;
  expect(headerOf(spoiled)).toBe('Its header is damaged.');
  expect(headerBytes(Buffer.alloc(8192))).toBeNull();
  const huge = Buffer.from(disk);
  huge.writeBigUInt64BE(1n << 60n, 8);
  expect(headerBytes(huge)).toBeNull();
  const slow = luks1(Buffer.alloc(512));
  slow.writeUInt32BE(0xffff_ffff, 212);
  await expect(keyOf(slow)).rejects.toMatchObject({ code: 'unsupported', cause: 'Its key takes too long to derive.' });
  slow.write('serpent', 8, 'latin1');
  slow.writeUInt32BE(1000, 212);
  await expect(keyOf(slow)).rejects.toMatchObject({ code: 'unsupported', cause: expect.stringContaining('serpent') });
});
