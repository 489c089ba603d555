/** The catalogue, over HTTP from a mirror of our own: real disks and media, signed with a key made for it. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Catalogue } from '../../../engine/contract/catalogue.ts';
import type { Image } from '../../../engine/contract/image.ts';
import { makeHome, type TestHome, until } from '../../fixtures/home.ts';
import { startMirror, sumOf, type TestMirror } from '../../fixtures/mirror.ts';
import { debianMedium, tinyDisk } from '../../fixtures/tiny-media.ts';

const programs = ['/usr/bin/gpg', '/usr/bin/gpgv', '/usr/bin/qemu-img', '/usr/bin/xz'];
const missing = programs.find((program) => !existsSync(program)) ?? null;

let scratch: string;
let home: TestHome;
let mirror: TestMirror;
let fingerprint: string;

const gpg = (...args: string[]) =>
  execFileSync('/usr/bin/gpg', ['--homedir', join(scratch, 'gpg'), '--batch', '--quiet', ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
const sign = (how: '--clear-sign' | '--detach-sign', bytes: Buffer): Buffer => {
  writeFileSync(join(scratch, 'to-sign'), bytes);
  return gpg(how, '--output', '-', join(scratch, 'to-sign'));
};
const entry = (name: string, kind: string, path: string, more: object) => ({
  name,
  title: `Test ${name}`,
  distribution: 'debian',
  version: '12',
  architecture: 'x86_64',
  kind,
  vendor: 'house',
  path,
  ...more,
});

beforeAll(async () => {
  if (missing) return;
  scratch = mkdtempSync(join(tmpdir(), 'gh-catalogue-'));
  home = makeHome();
  delete home.env.GUESTHOUSE_CATALOGUE;
  mirror = await startMirror();
  mkdirSync(join(scratch, 'gpg'), { mode: 0o700 });
  gpg('--passphrase', '', '--quick-gen-key', 'House <house@invalid.example>', 'ed25519', 'sign', 'never');
  fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(gpg('--list-keys', '--with-colons').toString())?.[1] as string;

  const raw = tinyDisk(scratch);
  execFileSync('qemu-img', ['convert', '-O', 'qcow2', raw, join(scratch, 'disk.qcow2')]);
  const disk = readFileSync(join(scratch, 'disk.qcow2'));
  execFileSync('qemu-img', ['resize', '-q', '-f', 'raw', raw, '2M']);
  execFileSync('qemu-img', ['convert', '-O', 'qcow2', raw, join(scratch, 'other.qcow2')]);
  execFileSync('xz', ['-k', join(scratch, 'other.qcow2')]);
  const squeezed = readFileSync(join(scratch, 'other.qcow2.xz'));
  const iso = readFileSync(debianMedium(scratch));
  const sums = Buffer.from(`${sumOf(disk, 'sha512')}  cloud-12.3.qcow2\n${sumOf(iso, 'sha512')}  install-12.3.iso\n`);
  const bsd = Buffer.from(`SHA256 (disk.qcow2.xz) = ${sumOf(squeezed)}\n`);
  for (const [path, bytes] of Object.entries({
    'latest/cloud-12.3.qcow2': disk,
    'latest/install-12.3.iso': iso,
    'latest/SHA512SUMS': sums,
    'latest/SHA512SUMS.sign': sign('--detach-sign', sums),
    'bsd/disk.qcow2.xz': squeezed,
    'bsd/CHECKSUM': sign('--clear-sign', bsd),
    'latest/install-12.3.iso.sig': sign('--detach-sign', iso),
  }))
    mirror.files.set(path, bytes);

  const signature = { of: 'sums', path: 'latest/SHA512SUMS.sign' };
  const document = {
    version: 1,
    // Relative to where the catalogue itself was read.
    vendors: { house: { title: 'The house', keys: [fingerprint], mirror: './' } },
    images: [
      entry('house-cloud-amd64', 'cloud', 'latest/cloud-12*.qcow2', { sums: ['latest/SHA512SUMS'], signature }),
      entry('house-squeezed-amd64', 'cloud', 'bsd/disk.qcow2.xz', { sums: ['bsd/CHECKSUM'], signature: 'clear' }),
      entry('house-installer-amd64', 'installer', 'latest/install-12.3.iso', {
        sums: ['latest/SHA512SUMS'],
        signature: { of: 'image' },
      }),
      // It cannot stand for one of ours.
      entry('debian-12-cloud-amd64', 'cloud', 'bsd/disk.qcow2.xz', { sums: ['bsd/CHECKSUM'] }),
    ],
  };
  mirror.files.set('catalogue.json', Buffer.from(JSON.stringify(document)));
  home.env.GUESTHOUSE_CATALOGUE = `${mirror.url}catalogue.json`;
});

afterAll(async () => {
  if (missing) return;
  await mirror?.end();
  await home?.end();
  rmSync(scratch, { recursive: true, force: true });
});

const listed = async () => JSON.parse(await home.ok(['image', 'catalogue', '--json'])) as Catalogue;
const fetched = async (name: string) => JSON.parse(await home.ok(['image', 'fetch', '--json', name])) as Image;

describe.skipIf(missing !== null)(`the catalogue${missing ? ` (${missing} is missing)` : ''}`, () => {
  test('has ours, and one at an address beside it; what ours is called stays ours', async () => {
    const { entries, vendors, notes } = await listed();
    expect(entries.find(({ name }) => name === 'debian-12-cloud-amd64')?.vendor).toBe('debian-cloud');
    expect(notes.join()).toMatch(/debian-12-cloud-amd64 .* is left out/);
    expect(vendors.find(({ name }) => name === 'house')).toMatchObject({
      mirrors: [mirror.url],
      chosenBy: 'catalogue',
    });
    expect(vendors.find(({ name }) => name === 'fedora')).toMatchObject({ mirrors: [], chosenBy: null });
    const text = await home.ok(['image', 'catalogue', 'house', 'cloud']);
    expect(text).toMatch(/house-cloud-amd64 .*127\.0\.0\.1/);
    expect(text).not.toMatch(/installer/);
  });

  test('what has no mirror yet says how it gets one', async () => {
    const { code, stderr } = await home.gh(['image', 'fetch', 'fedora-43-cloud-amd64']);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/guesthouse image mirror fedora ADDRESS/);
  });

  test('an image comes with its checksum; its signature is told to be unchecked while there is no key', async () => {
    const image = await fetched('house-cloud');
    expect(image).toMatchObject({ name: 'house-cloud-amd64:latest', kind: 'disk', virtualBytes: 1024 ** 2 });
    expect(image.origin).toMatch(/SHA-512 right, its signature was not checked: this host has no key of The house/);
    expect((await listed()).entries.find(({ name }) => name === 'house-cloud-amd64')?.imageId).toBe(image.id);
    mirror.seen.length = 0;
    expect((await fetched('house-cloud-amd64')).id).toBe(image.id);
    expect(mirror.seen.some(({ path }) => path.endsWith('.qcow2'))).toBe(false);
  });

  test('with the key, gpgv looks: over the list, within it, over the image', async () => {
    mkdirSync(join(home.path, 'keys'), { recursive: true });
    writeFileSync(join(home.path, 'keys', 'house.asc'), gpg('--armor', '--export', fingerprint));
    const short = fingerprint.slice(-16);
    const squeezed = await fetched('house-squeezed-amd64');
    expect(squeezed).toMatchObject({ kind: 'disk', virtualBytes: 2 * 1024 ** 2 });
    expect(squeezed.origin).toContain(`SHA-256 right, signed by ${short}`);
    expect((await fetched('house-cloud-amd64')).origin).toContain(`SHA-512 right, signed by ${short}`);
    const iso = await fetched('house-installer-amd64');
    expect(iso).toMatchObject({ kind: 'iso' });
    expect(iso.origin).toContain(`signed by ${short}`);
  });

  test('a list somebody changed is refused, though its checksums fit', async () => {
    const disk = Buffer.concat([mirror.files.get('latest/cloud-12.3.qcow2') as Buffer, Buffer.alloc(512)]);
    const kept = new Map(mirror.files);
    mirror.files.set('latest/cloud-12.3.qcow2', disk);
    mirror.files.set('latest/SHA512SUMS', Buffer.from(`${sumOf(disk, 'sha512')}  cloud-12.3.qcow2\n`));
    const { code, stderr } = await home.gh(['image', 'fetch', 'house-cloud-amd64']);
    for (const [path, bytes] of kept) mirror.files.set(path, bytes);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/was not signed by The house/);
  });

  test('a machine is made of a name of the catalogue, which is fetched for it', async () => {
    await home.ok(['image', 'rm', 'house-cloud-amd64', 'house-installer-amd64']);
    await home.ok(['create', 'one', '--image', 'house-cloud', '--isolation', 'vm', '--iso', 'house-installer-amd64']);
    const { spec } = JSON.parse(await home.ok(['inspect', 'one'])) as { spec: { image: string; iso: string } };
    expect(spec.image).toMatch(/house-cloud/);
    expect(spec.iso).toMatch(/house-installer/);
    const images = JSON.parse(await home.ok(['image', 'ls', '--json'])) as Image[];
    expect(images.map(({ name }) => name).sort()).toEqual(
      expect.arrayContaining(['house-cloud-amd64:latest', 'house-installer-amd64:latest']),
    );
  });

  test('a mirror is the person’s choice, and can be forgotten', async () => {
    await home.ok(['image', 'mirror', 'debian-cloud', 'https://mirror.invalid/cloud/']);
    expect((await listed()).vendors.find(({ name }) => name === 'debian-cloud')).toMatchObject({
      mirrors: ['https://mirror.invalid/cloud/'],
      chosenBy: 'person',
    });
    expect(await home.ok(['image', 'mirror', '--forget', 'debian-cloud'])).toMatch(/debian-cloud .* - /);
    const { code, stderr } = await home.gh(['image', 'mirror', 'debian-cloud', 'ftp://x']);
    expect([code === 0, stderr]).toEqual([false, expect.stringMatching(/is no address of a mirror/)]);
  });

  test('cut by kill -9, the rest is asked for by range', async () => {
    // Of the tests before, as far as they ran.
    await home.gh(['rm', '-f', '--now', 'one']);
    await home.gh(['image', 'rm', 'house-cloud-amd64']);
    const disk = mirror.files.get('latest/cloud-12.3.qcow2') as Buffer;
    const half = Math.floor(disk.length / 2);
    mirror.trick = (request, response) => {
      if (!(request.url ?? '').endsWith('.qcow2') || request.headers.range === 'bytes=0-0') return false;
      response.writeHead(200, { 'content-length': disk.length }).write(disk.subarray(0, half));
      // A line that crawls on: what came is written down meanwhile.
      let at = half;
      const drip = setInterval(() => response.write(disk.subarray(at, ++at)), 100);
      response.on('close', () => clearInterval(drip));
      return true;
    };
    const child = home.spawn(['image', 'fetch', 'house-cloud-amd64']);
    const partial = join(home.path, 'images', 'partials', sumOf(disk, 'sha512'));
    await until(() => existsSync(partial) && readFileSync(partial).length >= half);
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('close', resolve));
    const kept = readFileSync(partial).length;
    mirror.trick = null;
    mirror.seen.length = 0;
    expect(await fetched('house-cloud-amd64')).toMatchObject({ kind: 'disk' });
    expect(mirror.seen.map(({ range }) => range)).toContain(`bytes=${kept}-`);
  });

  test('a person’s own catalogue that is damaged is named', async () => {
    writeFileSync(join(home.path, 'catalogue.json'), '{"version": 1, "images": 3}');
    const { code, stderr } = await home.gh(['image', 'catalogue']);
    rmSync(join(home.path, 'catalogue.json'));
    expect([code === 0, stderr]).toEqual([false, expect.stringMatching(/catalogue\.json is no catalogue/)]);
  });
});
