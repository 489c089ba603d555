/** Pulling from Debian's own registry: plain, behind a password, behind a private authority; and running the result. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Image } from '../../engine/contract/image.ts';
import { resolvePaths } from '../../engine/host/paths.ts';
import { type FakeRegistry, startFakeRegistry } from '../fakes/registry.ts';
import { makeBusyboxLayer } from '../fixtures/busybox-layer.ts';
import { makeHome, type TestHome, until } from '../fixtures/home.ts';
import { type LayerEntry, layerTar, writeDockerArchive } from '../fixtures/image-archives.ts';
import { makeCertificates, type RealRegistry, registryMissing, startRegistry } from '../fixtures/registry.ts';
import { startDocker } from '../performance/peers/docker.ts';

const missing = registryMissing();
const LOGIN = { user: 'ann', password: 'a secret:with colon' };

let scratch: string;
let home: TestHome;
let plain: RealRegistry;
let locked: RealRegistry;
let encrypted: RealRegistry;
let certificates: ReturnType<typeof makeCertificates>;

const file = (name: string) => join(scratch, name);
const folder = (name: string) => {
  mkdirSync(file(name), { recursive: true });
  return file(name);
};

/** A busybox that runs, and two more layers. */
async function layers(): Promise<Buffer[]> {
  const made = makeBusyboxLayer(file('busybox'));
  const entries: LayerEntry[] = [];
  for (const name of readdirSync(made, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(made, name);
    const info = statSync(path);
    const link = name.startsWith('bin/') && name !== 'bin/busybox';
    if (link) entries.push({ name, type: 'symlink', linkname: readlinkSync(path) });
    else if (info.isDirectory()) entries.push({ name: `${name}/`, type: 'directory', mode: 0o755 });
    else entries.push({ name, content: readFileSync(path), mode: info.mode & 0o777 });
  }
  return [
    await layerTar(entries),
    await layerTar([
      { name: 'gone', content: 'from below' },
      { name: 'kept', content: 'kept\n' },
    ]),
    await layerTar([
      { name: '.wh.gone', content: '' },
      { name: 'noise', content: Buffer.alloc(3_000_000, 'noise') },
    ]),
  ];
}

/** skopeo 1.9 makes no index of one image: its manifest for this processor, something else for another. */
async function putIndex(host: string, repository: string, tag: string, indexTag: string): Promise<void> {
  const type = 'application/vnd.oci.image.manifest.v1+json';
  const place = `http://${host}/v2/${repository}/manifests`;
  const answer = await fetch(`${place}/${tag}`, { headers: { accept: type } });
  const size = (await answer.arrayBuffer()).byteLength;
  const one = { mediaType: type, size, digest: answer.headers.get('docker-content-digest') };
  const here = process.arch === 'x64' ? 'amd64' : process.arch;
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const manifests = ['s390x', here].map((architecture) => ({ ...one, platform: { os: 'linux', architecture } }));
  const body = JSON.stringify({ schemaVersion: 2, mediaType, manifests });
  const put = await fetch(`${place}/${indexTag}`, { method: 'PUT', headers: { 'content-type': mediaType }, body });
  if (put.status !== 201) throw new Error(`the index was refused: ${put.status} ${await put.text()}`);
}

beforeAll(async () => {
  if (missing) return;
  scratch = mkdtempSync(join(tmpdir(), 'gh-registry-'));
  home = makeHome();
  // Credentials and certificates of the person who runs the tests are not looked at.
  Object.assign(home.env, { HOME: folder('person'), XDG_CONFIG_HOME: folder('person/.config') });
  for (const name of ['DOCKER_CONFIG', 'REGISTRY_AUTH_FILE', 'GUESTHOUSE_REGISTRY']) delete home.env[name];
  certificates = makeCertificates(folder('certificates'));
  plain = await startRegistry({ folder: folder('plain') });
  locked = await startRegistry({ folder: folder('locked'), login: LOGIN });
  encrypted = await startRegistry({ folder: folder('encrypted'), tls: certificates });
  const content = await layers();
  const config = { Cmd: ['cat', '/kept'], Env: ['A=b'], WorkingDir: '/' };
  await writeDockerArchive(file('image.tar'), content, { name: 'x/web:1', config });
  await plain.push(`docker-archive:${file('image.tar')}`, 'team/web:1', ['--format', 'v2s2']);
  const zstd = ['--format', 'oci', '--dest-compress-format', 'zstd'];
  await plain.push(`docker-archive:${file('image.tar')}`, 'team/zstd:one', zstd);
  await putIndex(plain.host, 'team/zstd', 'one', '2');
  await locked.push(`docker-archive:${file('image.tar')}`, 'web');
  await encrypted.push(`docker-archive:${file('image.tar')}`, 'web', ['--format', 'oci']);
});

afterAll(async () => {
  if (missing) return;
  for (const registry of [plain, locked, encrypted]) await registry?.end();
  await home?.end();
  rmSync(scratch, { recursive: true, force: true });
});

const partials = () => readdirSync(join(home.path, 'images', 'partials'));
const pulled = async (...args: string[]) => JSON.parse(await home.ok(['pull', '--json', ...args])) as Image;

describe.skipIf(missing)(`a registry${missing ? ` (${missing})` : ''}`, () => {
  test('on loopback: pulled by tag, run, and nothing but the image is left', async () => {
    const name = `${plain.host}/team/web:1`;
    const image = await pulled(name);
    expect(image).toMatchObject({ name, kind: 'rootfs', config: { cmd: ['cat', '/kept'], env: ['A=b'] } });
    expect(partials()).toEqual([]);
    await home.ok(['create', 'pulled', '--image', name, '--isolation', 'container', '--network', 'none', '--start']);
    await expect.poll(() => home.ok(['logs', 'pulled']), { timeout: 20_000 }).toMatch(/kept/);
    await home.ok(['rm', '-f', '--now', 'pulled']);
    expect(existsSync(join(home.path, 'images', 'work')) && readdirSync(join(home.path, 'images', 'work'))).toEqual([]);
  });

  test('with an index, by tag and by digest; layers that are here are not fetched', async () => {
    const first = await pulled(`${plain.host}/team/zstd:2`);
    const manifest = await fetch(`http://${plain.host}/v2/team/zstd/manifests/2`, {
      headers: { accept: 'application/vnd.oci.image.index.v1+json' },
    });
    const digest = manifest.headers.get('docker-content-digest') as string;
    const second = await pulled(`${plain.host}/team/zstd@${digest}`);
    expect(second).toMatchObject({ id: first.id, name: `${plain.host}/team/zstd@${digest}` });
    const { stderr } = await home.gh(['pull', `${plain.host}/team/zstd:2`]);
    expect(stderr).not.toMatch(/Downloading/);
  });

  test('without a host: the one that is set, or a word about it', async () => {
    expect(await home.gh(['pull', 'team/web:1'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('GUESTHOUSE_REGISTRY'),
    });
    const { stdout } = await home.gh(['pull', 'team/web:1'], { env: { GUESTHOUSE_REGISTRY: plain.host } });
    expect(stdout).toBe('team/web:1\n');
    writeFileSync(join(home.path, 'registries.json'), JSON.stringify({ default: plain.host }));
    expect(await home.ok(['pull', 'team/zstd:2'])).toBe('team/zstd:2\n');
  });

  test('what is not there', async () => {
    for (const name of ['team/web:2', 'team/absent', `team/web@sha256:${'0'.repeat(64)}`])
      expect(await home.gh(['pull', `${plain.host}/${name}`])).toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringMatching(/There is no image .*/),
      });
    const { stderr } = await home.gh(['pull', '127.0.0.1:1/web']);
    expect(stderr).toMatch(/Nothing answers at 127\.0\.0\.1:1/);
    expect((await home.gh(['pull', 'Not A Name'])).stderr).toMatch(/does not name an image/);
  });

  test('behind a password: refused without, given with a file or a helper', async () => {
    const name = `${locked.host}/web`;
    const refused = await home.gh(['pull', name]);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('wants to know who you are') });

    const docker = join(folder('person/.docker'), 'config.json');
    const auth = (password: string) => Buffer.from(`${LOGIN.user}:${password}`).toString('base64');
    writeFileSync(docker, JSON.stringify({ auths: { [locked.host]: { auth: auth('wrong') } } }));
    expect((await home.gh(['pull', name])).stderr).toMatch(/refuses .* to ann/);
    writeFileSync(docker, JSON.stringify({ auths: { [locked.host]: { auth: auth(LOGIN.password) } } }));
    expect(await home.ok(['pull', name])).toBe(`${name}:latest\n`);
    await home.ok(['image', 'rm', name]);

    writeFileSync(docker, JSON.stringify({ auths: { [locked.host]: {} }, credsStore: 'ghtest' }));
    expect((await home.gh(['pull', name])).stderr).toMatch(/docker-credential-ghtest/);
    const helper = join(folder('person/bin'), 'docker-credential-ghtest');
    const answer = JSON.stringify({ ServerURL: locked.host, Username: LOGIN.user, Secret: LOGIN.password });
    writeFileSync(helper, `#!/bin/sh\nread host; [ "$1 $host" = "get ${locked.host}" ] && echo '${answer}'\n`);
    chmodSync(helper, 0o755);
    const env = { PATH: `${file('person/bin')}:${process.env.PATH}` };
    expect((await home.gh(['pull', name], { env })).stdout).toBe(`${name}:latest\n`);
    rmSync(docker);
  });

  test.skipIf(process.getuid?.() !== 0)('pushed by dockerd, which then runs what we save', async () => {
    const ends: (() => unknown)[] = [];
    const context = { folder: folder('peer'), defer: (_: string, how: () => unknown) => ends.push(how), say: () => {} };
    try {
      const docker = await startDocker(context);
      if ('absent' in docker) return console.warn(`not tried: ${docker.absent}`);
      const name = `${locked.host}/by-docker:1`;
      await docker.import(makeBusyboxLayer(file('docker-busybox')), name);
      await docker.time(['login', '-u', LOGIN.user, '-p', LOGIN.password, locked.host]);
      await docker.time(['push', name]);
      const auths = { [locked.host]: { auth: Buffer.from(`${LOGIN.user}:${LOGIN.password}`).toString('base64') } };
      writeFileSync(join(folder('person/.docker'), 'config.json'), JSON.stringify({ auths }));
      expect((await pulled(name)).name).toBe(name);
      expect(await home.ok(['run', '--rm', '--network', 'none', name, 'echo', 'by docker'])).toBe('by docker\n');
      await home.ok(['save', '-o', file('ours.tar'), name]);
      await docker.time(['rmi', name]);
      await docker.time(['load', '-i', file('ours.tar')]);
      await docker.time(['run', '--rm', '--network', 'none', name, 'true']);
    } finally {
      rmSync(file('person/.docker/config.json'), { force: true });
      for (const end of ends.reverse()) await end();
    }
  });

  test('behind a private authority: refused, unless it is known or anything is accepted', async () => {
    const name = `${encrypted.host}/web`;
    const refused = await home.gh(['pull', name]);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('is not trusted') });
    expect(await home.ok(['pull', '--insecure', name])).toBe(`${name}:latest\n`);
    await home.ok(['image', 'rm', name]);
    const extra = { NODE_EXTRA_CA_CERTS: certificates.authority };
    expect((await home.gh(['pull', name], { env: extra })).stdout).toBe(`${name}:latest\n`);
    await home.ok(['image', 'rm', name]);
    const place = folder(`person/.config/containers/certs.d/${encrypted.host}`);
    writeFileSync(join(place, 'ca.crt'), readFileSync(certificates.authority));
    expect(await home.ok(['pull', name])).toBe(`${name}:latest\n`);
  });
});

describe('a pull that does not come to its end', () => {
  let fake: FakeRegistry;
  let house: TestHome;
  beforeAll(async () => {
    fake = await startFakeRegistry();
    house = makeHome();
  });
  afterAll(async () => {
    await house.end();
    await fake.end();
  });
  const kept = () => readdirSync(join(house.path, 'images', 'partials'));
  const left = () =>
    ['images', 'layers', 'work'].flatMap((name) =>
      readdirSync(join(house.path, 'images', name)).map((it) => `${name}/${it}`),
    );
  /** The second layer stops half-way and stays there. */
  const stopHalfWay = (hex: string) => {
    const blob = fake.blobs.get(hex) as Buffer;
    fake.trick = ({ url }, response) => {
      if (!url?.endsWith(hex)) return false;
      response.writeHead(200, { 'content-length': blob.length }).write(blob.subarray(0, blob.length / 2));
      return true;
    };
  };
  const noise = async (name: string, bytes: number) => layerTar([{ name, content: randomBytes(bytes) }]);

  test.each([
    ['killed', 'SIGKILL', 'its work is swept, and the next one goes on from where it was'],
    ['cancelled', 'SIGINT', 'nothing but what it can go on with is left'],
  ] as const)('%s (%s): %s', async (word, signal, _) => {
    const image = fake.putImage(word, [await noise('a', 100_000), await noise('b', 4_000_000)]);
    const [, hex] = image.layers as [string, string];
    const half = Math.floor((fake.blobs.get(hex) as Buffer).length / 2);
    stopHalfWay(hex);
    const pulling = house.spawn(['pull', `${fake.host}/noise:${word}`]);
    const ended = new Promise<number | null>((resolve) => pulling.once('exit', resolve));
    let said = '';
    pulling.stderr.on('data', (chunk) => {
      said += chunk;
    });
    const path = join(house.path, 'images', 'partials', hex);
    await until(
      () => existsSync(path) && statSync(path).size > half / 2 && left().some((it) => it.startsWith('layers/')),
    );
    pulling.kill(signal);
    const code = await ended;
    if (signal === 'SIGINT') {
      expect({ code, said }).toMatchObject({ code: 130, said: expect.stringMatching(/cancelled/i) });
      expect(left()).toEqual([]);
    }
    const { size } = statSync(path);
    fake.trick = null;
    fake.seen.length = 0;
    await house.ok(['pull', `${fake.host}/noise:${word}`]);
    expect(fake.asked(hex)).toMatchObject([{ range: `bytes=${size}-` }]);
    expect(kept()).toEqual([]);
    expect(left().filter((it) => it.startsWith('work/'))).toEqual([]);
    await house.ok(['image', 'rm', `${fake.host}/noise:${word}`]);
    expect(left()).toEqual([]);
  });

  test('a hostile layer: refused, nothing unpacked, nothing kept but what was fetched', async () => {
    fake.putImage('bad', [await noise('a', 1000), await layerTar([{ name: '../escaped', content: 'x' }])]);
    expect(await house.gh(['pull', `${fake.host}/noise:bad`])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/bad-data.*\n?.*escaped/),
    });
    expect(left()).toEqual([]);
  });

  test.runIf(process.getuid?.() === 0)('the disk is full: told as such, nothing half-made', async () => {
    const small = mkdtempSync(join(tmpdir(), 'gh-small-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', small]);
    try {
      const env = { GUESTHOUSE_HOME: small };
      // Before anything is fetched, by what the manifest says; and in the middle, by what it unpacks to.
      fake.putImage('large', [await noise('a', 9_000_000)]);
      fake.putImage('swells', [await layerTar([{ name: 'zeros', content: Buffer.alloc(20_000_000) }])]);
      for (const tag of ['large', 'swells']) {
        const { code, stderr } = await house.gh(['pull', `${fake.host}/noise:${tag}`], { env });
        expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('No space left') });
        for (const name of ['images', 'layers', 'work', 'partials'])
          expect(readdirSync(join(small, 'images', name))).toEqual([]);
      }
    } finally {
      const { run } = resolvePaths({ ...process.env, GUESTHOUSE_HOME: small });
      execFileSync('umount', ['-l', small]);
      rmSync(small, { recursive: true });
      rmSync(run, { recursive: true, force: true });
    }
  });
});
