/** Clones, and guests as files, with real containers and a machine. Passes as root and as an ordinary user. */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { DISK_DEFAULTS } from '../../engine/contract/disk.ts';
import { toErrorShape } from '../../engine/contract/errors.ts';
import { busyboxImage } from '../fixtures/busybox-image.ts';
import { type EngineHome, makeEngineHome } from '../fixtures/engine.ts';
import { until } from '../fixtures/home.ts';
import { layerTar, sha256 } from '../fixtures/image-archives.ts';

const imageId = async (one: EngineHome, ref: string) =>
  (await one.call('images.list', {})).find(({ name }) => name.startsWith(ref))?.id;
/** The guesthouse.json in a guest file. */
const documentOf = (bytes: Buffer) =>
  JSON.parse(/\{\n {2}"format"[\s\S]*?\n\}\n/.exec(bytes.toString('latin1'))?.[0] ?? '');

/** Two homes: what one writes, another takes in. */
let home: EngineHome;
let other: EngineHome;
let folder: string;
const code = (code: string) => expect.objectContaining({ code });
const failure = (promise: Promise<unknown>) => promise.then(() => null, toErrorShape);

beforeAll(async () => {
  [home, other] = await Promise.all([makeEngineHome(), makeEngineHome()]);
  folder = join(home.paths.home, 'files');
  mkdirSync(folder);
  const archive = join(folder, 'image.tar');
  await busyboxImage(archive, { volumes: ['/data'] });
  await home.call('images.import', { path: archive, name: 'own' });
});
afterEach(async () => {
  for (const one of [home, other]) {
    for (const { id } of await one.call('guests.list', {})) await one.call('guests.remove', { guest: id, force: true });
    await one.call('volumes.prune', {});
  }
  for (const name of readdirSync(folder)) if (name.includes('.guest')) rmSync(join(folder, name));
});
afterAll(async () => {
  for (const one of [home, other]) await one?.end();
});

/** Everything that is lost easily. */
const WRITE = [
  'rm -r /old; mkdir /old; echo new >/old/again; rm /bin/ln2 2>/dev/null',
  'mkdir -p /w/deep; echo one >/w/deep/file; ln /w/deep/file /w/hard; ln -s /etc/shadow /w/link; mkfifo /w/pipe',
  'chown 12:34 /w/deep/file; chmod 4750 /w/deep/file; truncate -s 20971520 /w/sparse; rm /bin/touch',
  'echo volume >/data/written; chown 70:71 /data/written; echo shared >/shared/file',
].join('; ');
/** What comes of it, as the guest sees it. */
const LOOK = [
  'ls /old /w; test -e /bin/touch || echo no touch; stat -c "%u %g %a %h %s %F" /w/deep/file /w/hard /w/link /w/sparse',
  'stat -c "%b" /w/sparse; cat /w/hard /data/own /data/written /shared/file; stat -c "%u %g %a" /data /data/written',
].join('; ');
const mounts = [{ source: 'shared', target: '/shared', readOnly: false }];
const nothingOf = (one: EngineHome) =>
  Promise.all([one.call('guests.list', {}), one.call('volumes.list', {}).then((all) => all.map(({ name }) => name))]);

describe('a clone', () => {
  test('has what the original wrote while that goes on, and is another guest', async () => {
    const ports = [{ hostIp: '127.0.0.1', hostPort: 0, guestPort: 8080, protocol: 'tcp' }] as const;
    const original = await home.up('one', `${WRITE}; sleep 100`, { image: 'own', mounts, ports });
    await until(async () => (await home.inside('one', 'cat /shared/file')) === 'shared\n');
    const seen = await home.inside('one', LOOK);
    expect(seen).toMatch(
      /again\n.*no touch\n12 34 4750 2 4 regular file\n12 34 4750 2 4 .*\n0\none\nof the image\nvolume/s,
    );
    const clone = await home.call('guests.clone', { guest: 'one', name: 'two' });
    expect(clone).toMatchObject({ name: 'two', state: 'stopped', image: 'own:latest', spec: { image: 'own', mounts } });
    expect(clone.id).not.toBe(original.id);
    expect(clone.address).not.toBe(original.address);
    expect(clone.ports[0]).toMatchObject({ guestPort: 8080 });
    expect(clone.ports[0]?.hostPort).not.toBe(original.ports[0]?.hostPort);
    expect((await home.guest('one')).state).toBe('running');
    expect(await home.inside('one', 'echo on')).toBe('on\n');
    await home.call('guests.update', { guest: 'two', change: { command: ['sleep', '100'] }, recreate: true });
    await home.call('guests.start', { guest: 'two' });
    expect(await home.inside('two', LOOK)).toBe(seen);
    await home.inside('two', 'echo other >/data/written; echo both >/shared/file; echo other >/w/hard');
    expect(await home.inside('one', 'cat /data/written /shared/file /w/hard')).toBe('volume\nboth\none\n');
    expect((await home.call('volumes.list', {})).map(({ usedBy }) => usedBy.join()).sort()).toEqual([
      'one',
      'one,two',
      'two',
    ]);
  });

  test('of a name that is taken, or that cannot be, is nothing', async () => {
    await home.call('guests.create', { draft: { name: 'one', isolation: 'container', image: 'own' } });
    const before = readdirSync(home.paths.volumes);
    await expect(home.call('guests.clone', { guest: 'one', name: 'one' })).rejects.toThrow(code('conflict'));
    await expect(home.call('guests.clone', { guest: 'one', name: '../x' })).rejects.toThrow(code('invalid'));
    await expect(home.call('guests.clone', { guest: 'none', name: 'x' })).rejects.toThrow(code('not-found'));
    expect(readdirSync(home.paths.guests)).toHaveLength(1);
    expect(readdirSync(home.paths.volumes)).toEqual(before);
  });
});

describe('a guest as a file', () => {
  test('goes to another home with its image, its data and its volumes', async () => {
    await home.up('one', WRITE, { image: 'own', mounts, env: { KEY: 'value' } });
    await until(async () => (await home.guest('one')).state === 'stopped');
    const path = join(folder, 'one.guest');
    const written = await home.call('guests.export', { guest: 'one', path });
    expect(written).toEqual({ path, sizeBytes: statSync(path).size, needsOurKernel: false });
    await expect(home.call('guests.export', { guest: 'one', path })).rejects.toThrow(code('conflict'));

    expect(await other.call('guests.planImport', { path })).toMatchObject({
      ...{ kind: 'guest', from: 'Guesthouse', name: 'one', isolation: 'container', disks: [], problem: null },
      networks: ['nat'],
    });
    expect(await home.call('guests.planImport', { path })).toMatchObject({ problem: { code: 'conflict' } });
    const guest = await other.call('guests.import', { path, name: 'moved' });
    expect(guest).toMatchObject({ name: 'moved', state: 'stopped', image: 'own:latest', notes: [] });
    expect(guest.spec).toMatchObject({ env: { KEY: 'value' }, mounts });
    await other.call('guests.update', { guest: 'moved', change: { command: ['sleep', '100'] }, recreate: true });
    await other.call('guests.start', { guest: 'moved' });
    const seen = await other.inside('moved', LOOK);
    expect(seen).toMatch(
      /^\/old:\nagain\n\n\/w:\ndeep\nhard\nlink\npipe\nsparse\nno touch\n12 34 4750 2 4 regular file\n/,
    );
    expect(seen).toMatch(/one\nof the image\nvolume\nshared\n70 71 700\n70 71 \d+\n$/);
    await other.call('guests.remove', { guest: 'moved', force: true });

    // Again, where it came from: the image is there, and so is a volume of that name.
    await home.call('guests.rename', { guest: 'one', name: 'first' });
    const again = await home.call('guests.import', { path });
    expect(again.notes).toEqual(['There was a volume shared already; it is used as it is.']);
    expect((await home.call('images.list', {})).filter(({ name }) => name.startsWith('own'))).toHaveLength(1);
    await expect(home.call('guests.import', { path })).rejects.toThrow(code('conflict'));
  });

  test('is refused while it runs, and where it cannot be written', async () => {
    await home.up('one', 'sleep 100');
    const path = join(folder, 'one.guest');
    await expect(home.call('guests.export', { guest: 'one', path })).rejects.toThrow(code('wrong-state'));
    await home.call('guests.kill', { guest: 'one' });
    const there = readdirSync(folder);
    for (const [bad, why] of [
      [join(folder, 'none', 'x'), 'not-found'],
      ['relative', 'invalid'],
      [folder, 'conflict'],
    ] as const)
      expect(await failure(home.call('guests.export', { guest: 'one', path: bad }))).toMatchObject({ code: why });
    expect(readdirSync(folder)).toEqual(there);
    expect((await home.guest('one')).state).toBe('stopped');
  });

  test('chooses ports anew that are taken, and names the folder that is not there', async () => {
    const there = join(folder, 'host-folder');
    mkdirSync(there);
    const ports = [{ hostIp: '127.0.0.1', hostPort: 0, guestPort: 80, protocol: 'tcp' }] as const;
    const seen = [{ source: there, target: '/host', readOnly: true }];
    await home.call('guests.create', {
      draft: { name: 'one', isolation: 'container', image: 'own', ports, mounts: seen },
    });
    const path = join(folder, 'one.guest');
    await home.call('guests.export', { guest: 'one', path });
    const two = await home.call('guests.import', { path, name: 'two' });
    const port = (await home.guest('one')).ports[0]?.hostPort;
    expect(two.ports[0]?.hostPort).not.toBe(port);
    expect(two.notes[0]).toContain(`Port ${port} cannot be had here`);
    rmSync(there, { recursive: true });
    expect(await failure(other.call('guests.import', { path }))).toMatchObject({
      code: 'not-found',
      message: expect.stringContaining(there),
    });
    expect(await nothingOf(other)).toEqual([[], []]);
  });

  test('that is damaged, cut off or hostile leaves nothing', async () => {
    await home.up('one', WRITE, { image: 'own', mounts });
    await until(async () => (await home.guest('one')).state === 'stopped');
    const path = join(folder, 'one.guest');
    await home.call('guests.export', { guest: 'one', path });
    await home.call('guests.remove', { guest: 'one' });
    await other
      .call('images.list', {})
      .then((all) =>
        Promise.all(
          all.filter(({ name }) => name.startsWith('own')).map(({ id }) => other.call('images.remove', { image: id })),
        ),
      );
    const images = (await other.call('images.list', {})).length;
    const bytes = readFileSync(path);
    const document = documentOf(bytes);
    const layer = async (entries: Parameters<typeof layerTar>[0]) => {
      const content = await layerTar(entries);
      return { content, data: { kind: 'layer', hex: sha256(content), sizeBytes: content.length } };
    };
    const evil = {
      outside: await layer([{ name: '../../../../escaped', content: 'x' }]),
      absolute: await layer([{ name: '/escaped', content: 'x' }]),
      through: await layer([
        { name: 'a', type: 'symlink', linkname: folder },
        { name: 'a/escaped', content: 'x' },
      ]),
    };
    const made = (
      parts: Record<string, unknown>,
      content: Buffer = Buffer.alloc(0),
      name = `guesthouse/${sha256(content)}`,
    ) =>
      layerTar([
        { name: 'guesthouse.json', content: JSON.stringify({ ...document, image: null, volumes: [], ...parts }) },
        { name, content },
      ]);
    const image = { id: (await home.call('images.list', {}))[0]?.id, name: 'x', kind: 'rootfs', file: null };
    const busybox = (await other.call('images.list', {}))[0];
    const guest = { ...document.guest, mounts: [] };
    const known = { image: { ...image, id: busybox?.id }, guest };
    const spoilt = Buffer.from(bytes);
    const at = bytes.indexOf('volume\n');
    spoilt.write('VOLUME\n', at);
    const files: Record<string, Buffer> = {
      'cut off': bytes.subarray(0, bytes.length - 2048),
      'another content': spoilt,
      'no tar': Buffer.from('hello'),
      'an image alone': readFileSync(join(folder, 'image.tar')),
      'no json': await layerTar([{ name: 'guesthouse.json', content: '{' }]),
      'a later version': await made({ version: 3 }),
      'another format': await made({ format: 'x' }),
      'an unknown field': await made({ guest: { ...document.guest, sudo: true } }),
      'no member': await made({ ...known, data: { ...evil.outside.data } }),
      'a name that is none': await made({ guest: { ...guest, name: '../../x' } }),
      'a volume that is none': await made({
        volumes: [{ name: '/etc', target: null, labels: {}, ...document.data, kind: undefined }],
      }),
      'data of the other kind': await made({ ...known, data: { ...document.data, kind: 'disk' } }),
      ...Object.fromEntries(
        await Promise.all(
          Object.entries(evil).map(async ([name, { content, data }]) => [
            name,
            await made({ ...known, data }, content),
          ]),
        ),
      ),
    };
    for (const [what, content] of Object.entries(files)) {
      const file = join(folder, 'bad.guest');
      writeFileSync(file, content);
      const error = await failure(other.call('guests.import', { path: file, name: 'bad' }));
      const expected = what === 'a name that is none' ? /bad-data|invalid/ : /bad-data/;
      expect([what, error?.code, error?.message]).toEqual([what, expect.stringMatching(expected), expect.any(String)]);
      expect([what, ...(await nothingOf(other))]).toEqual([what, [], []]);
      expect(readdirSync(other.paths.guests)).toEqual([]);
      expect((await other.call('images.list', {})).length).toBe(images);
    }
    expect(existsSync(join(folder, 'escaped'))).toBe(false);
    copyFileSync(path, join(folder, 'whole.guest'));
    expect(await other.call('guests.import', { path: join(folder, 'whole.guest') })).toMatchObject({ name: 'one' });
  });
});

describe('a machine of a disk image as a file', () => {
  const image = (...argv: string[]) => execFileSync('qemu-img', argv, { stdio: 'pipe' });

  test('brings image and disk along, and what it wrote lies over the image', async () => {
    const disk = join(folder, 'disk.qcow2');
    image('create', '-q', '-f', 'qcow2', disk, '32M');
    execFileSync('qemu-io', ['-c', 'write -P 0x11 0 1M', '-c', 'write -P 0x22 4M 1M', disk]);
    await home.call('images.import', { path: disk, name: 'blocks' });
    const { id } = await home.call('guests.create', {
      draft: { name: 'm', isolation: 'vm', image: 'blocks', memoryMib: 128 },
    });
    const own = join(home.paths.guests, id, 'disk.qcow2');
    // As a guest would: it writes, and it makes zeros of what the image has.
    execFileSync('qemu-io', ['-c', 'write -P 0x33 8M 1M', '-c', 'write -z 4M 1M', own]);
    const path = join(folder, 'm.guest');
    await home.call('guests.export', { guest: 'm', path });
    const taken = await other.call('guests.import', { path });
    expect(taken).toMatchObject({ name: 'm', image: 'blocks:latest', isolation: 'vm' });
    const theirs = join(other.paths.guests, taken.id, 'disk.qcow2');
    expect(String(image('compare', own, theirs))).toContain('identical');
    expect(String(image('info', theirs))).toContain(`backing file: ${join(other.paths.images, 'files')}`);
    expect(readdirSync(join(other.paths.guests, taken.id)).sort()).toEqual(['disk.qcow2', 'guest.json']);

    // The same file, with a disk that shows a file of the host.
    const secret = join(folder, 'secret');
    writeFileSync(secret, 'secret'.repeat(1000));
    const evil = join(folder, 'evil.qcow2');
    image('create', '-q', '-f', 'qcow2', '-b', secret, '-F', 'raw', evil, '32M');
    const [content, document] = [readFileSync(evil), documentOf(readFileSync(path))];
    const data = { kind: 'disk', hex: sha256(content), sizeBytes: content.length };
    const known = {
      ...document,
      image: { ...document.image, id: taken.image && (await imageId(other, 'blocks')) },
      data,
    };
    for (const [what, bytes] of [
      ['leads elsewhere', content],
      ['no disk', Buffer.from('hello')],
      ['another content', Buffer.alloc(content.length)],
    ] as const) {
      const hex = what === 'another content' ? data.hex : sha256(bytes);
      const said = { ...known, data: { ...data, hex, sizeBytes: bytes.length } };
      const entries = [
        { name: 'guesthouse.json', content: JSON.stringify(said) },
        { name: `guesthouse/${hex}`, content: bytes },
      ];
      writeFileSync(join(folder, 'evil.guest'), await layerTar(entries));
      const error = await failure(other.call('guests.import', { path: join(folder, 'evil.guest'), name: 'evil' }));
      expect([what, error]).toMatchObject([what, { code: 'bad-data' }]);
      expect(readdirSync(other.paths.guests)).toEqual([taken.id]);
    }
  });
});

test('further disks of a machine go along, each whole; one that is missing or leads elsewhere is refused', async () => {
  const image = (...argv: string[]) => String(execFileSync('qemu-img', argv, { stdio: 'pipe' }));
  const disk = join(folder, 'further.qcow2');
  image('create', '-q', '-f', 'qcow2', disk, '32M');
  execFileSync('qemu-io', ['-c', 'write -P 0x11 0 1M', disk]);
  await home.call('images.import', { path: disk, name: 'further' });
  const { id } = await home.call('guests.create', {
    draft: {
      name: 'm',
      isolation: 'vm',
      image: 'busybox',
      memoryMib: 128,
      disks: [
        { ...DISK_DEFAULTS, name: 'raw', format: 'raw', sizeGib: 1 / 64 },
        { ...DISK_DEFAULTS, name: 'difference', from: 'further', attached: false, cache: 'none' },
      ],
    },
  });
  const file = (one: EngineHome, guest: string, name: string) => join(one.paths.guests, guest, 'disks', name);
  execFileSync('qemu-io', ['-f', 'raw', '-c', 'write -P 0x44 1M 1M', file(home, id, 'raw.raw')]);
  execFileSync('qemu-io', ['-c', 'write -P 0x55 8M 1M', file(home, id, 'difference.qcow2')]);
  const path = join(folder, 'm.guest');
  await home.call('guests.export', { guest: 'm', path });
  const taken = await other.call('guests.import', { path });
  expect(taken.notes).toEqual([]);
  expect(taken.spec.disks).toMatchObject([
    { name: 'raw', from: null, format: 'qcow2', sizeGib: 1 / 64, attached: true },
    { name: 'difference', from: null, format: 'qcow2', sizeGib: 1 / 32, attached: false, cache: 'none' },
  ]);
  const theirs = (name: string) => file(other, taken.id, `${name}.qcow2`);
  expect(image('compare', '-f', 'raw', '-F', 'qcow2', file(home, id, 'raw.raw'), theirs('raw'))).toContain('identical');
  expect(image('compare', file(home, id, 'difference.qcow2'), theirs('difference'))).toContain('identical');
  expect(image('info', theirs('difference'))).not.toContain('backing file');

  const document = documentOf(readFileSync(path));
  const secret = join(folder, 'secret');
  writeFileSync(secret, 'secret'.repeat(1000));
  const evil = join(folder, 'evil.qcow2');
  image('create', '-q', '-f', 'qcow2', '-b', secret, '-F', 'raw', evil, '16M');
  const member = (bytes: Buffer) => ({ hex: sha256(bytes), sizeBytes: bytes.length });
  const empty = join(folder, 'empty.qcow2');
  image(
    'create',
    '-q',
    '-f',
    'qcow2',
    empty,
    image('info', '--output=json', join(home.paths.guests, id, 'disk.qcow2')).match(/"virtual-size": (\d+)/)?.[1] ?? '',
  );
  const root = readFileSync(empty);
  for (const [what, disks] of [
    ['missing', [document.disks[0]]],
    [
      'leads elsewhere',
      [
        { ...document.disks[0], ...member(readFileSync(evil)) },
        { ...document.disks[1], ...member(root) },
      ],
    ],
  ] as const) {
    const said = {
      ...document,
      image: { ...document.image, id: await imageId(other, 'busybox') },
      data: { kind: 'disk', ...member(root) },
      disks,
    };
    const contents = new Map([root, readFileSync(evil)].map((bytes) => [sha256(bytes), bytes]));
    const entries = [
      { name: 'guesthouse.json', content: JSON.stringify(said) },
      ...[...contents].map(([hex, content]) => ({ name: `guesthouse/${hex}`, content })),
    ];
    writeFileSync(join(folder, 'evil.guest'), await layerTar(entries));
    const error = await failure(other.call('guests.import', { path: join(folder, 'evil.guest'), name: 'evil' }));
    expect([what, error]).toMatchObject([what, { code: 'bad-data' }]);
    expect(readdirSync(other.paths.guests)).toEqual([taken.id]);
  }
}, 120_000);

test('a machine is cloned, and goes to another home, with its disk', async () => {
  const script =
    'if test -e /root/mark; then echo marked; ls /bin/vi; else mkdir -p /root; echo >/root/mark; rm /bin/vi; sync; fi';
  const draft = {
    name: 'm',
    isolation: 'vm',
    image: 'busybox',
    memoryMib: 128,
    command: ['sh', '-c', script],
  } as const;
  const boot = async (one: EngineHome, name: string) => {
    const { id } = await one.call('guests.start', { guest: name });
    await until(async () => (await one.guest(name)).exit, 60_000);
    return readFileSync(join(one.paths.guests, id, 'serial.log'), 'utf8');
  };
  await home.call('guests.create', { draft });
  await boot(home, 'm');
  const clone = await home.call('guests.clone', { guest: 'm', name: 'twin' });
  expect(clone).toMatchObject({ isolation: 'vm', state: 'stopped' });
  expect(await boot(home, 'twin')).toMatch(/marked\r?\n.*vi: No such file/s);
  const path = join(folder, 'm.guest');
  await home.call('guests.export', { guest: 'm', path });
  await other.call('guests.import', { path });
  expect(await boot(other, 'm')).toMatch(/marked\r?\n.*vi: No such file/s);
});
