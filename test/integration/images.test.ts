/** The image store with the real house, tar and mke2fs. Runs as root and as an ordinary user alike. */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ErrorShape } from '../../engine/contract/errors.ts';
import type { Progress } from '../../engine/contract/operation.ts';
import { createLog } from '../../engine/host/log.ts';
import { type Paths, resolvePaths } from '../../engine/host/paths.ts';
import { Undo } from '../../engine/host/undo.ts';
import { tarHeader } from '../../engine/images/archive/tar-header.ts';
import { createImageStore } from '../../engine/images/create.ts';
import type { ImageStore } from '../../engine/images/store.ts';
import { createHouse } from '../../engine/networks/create.ts';
import type { House } from '../../engine/networks/house.ts';
import { type LayerEntry, layerTar, writeDockerArchive, writeOciArchive } from '../fixtures/image-archives.ts';
import { openStoreHome, type StoreHome } from '../fixtures/image-store.ts';

const asRoot = process.getuid?.() === 0;
/** What only Debian 12 builds, from its own package mirror. The whole of it is once/debian.test.ts. */
const isDebian12 = /VERSION_CODENAME=bookworm/.test(readFileSync('/etc/os-release', 'utf8'));

let scratch: string;
let paths: Paths;
let house: House;
let store: ImageStore;
let home: StoreHome;
let inside: StoreHome['inside'];

const operation = (
  signal: AbortSignal = new AbortController().signal,
  onProgress: (one: Progress) => void = () => {},
) => ({
  signal,
  undo: new Undo(),
  progress: onProgress,
});
const file = (name: string) => join(scratch, name);
const failure = async (act: Promise<unknown>): Promise<ErrorShape> =>
  act.then(
    () => expect.fail('it should have failed'),
    (error: ErrorShape) => error,
  );
/** Everything in the store but what `load` makes: a failed act must leave this as it was. */
const contents = () =>
  ['images', 'layers', 'files', 'rootdisks', 'work'].flatMap((part) =>
    readdirSync(join(paths.images, part)).map((name) => `${part}/${name}`),
  );

beforeAll(async () => {
  scratch = realpathSync(mkdtempSync(join(tmpdir(), 'gh-images-')));
  home = await openStoreHome(join(scratch, 'home'));
  ({ paths, house, store, inside } = home);
});

afterAll(async () => {
  let left: string[] = [];
  await home.end(() => {
    left = contents();
  });
  rmSync(scratch, { recursive: true, force: true });
  expect(left).toEqual([]);
});

describe('busybox', () => {
  it('is built, found by every name, survives a new start, and is the same the second time', async () => {
    const image = await store.build('busybox', operation());
    expect(image).toMatchObject({ name: 'busybox:latest', kind: 'rootfs', config: { cmd: ['sh'] }, usedBy: [] });
    expect(image.sizeBytes).toBeGreaterThan(500_000);
    for (const ref of ['busybox', 'busybox:latest', image.id, image.id.slice(7, 13), image.id.slice(0, 15)])
      expect(store.get(ref).id).toBe(image.id);
    expect((await store.build('busybox', operation())).id).toBe(image.id);
    expect(store.list()).toHaveLength(1);

    const again = createImageStore({ paths, log: createLog(paths.log), house });
    await again.load();
    expect(again.list()).toEqual(store.list());
    const { layers } = await store.rootfs(image.id);
    expect(layers).toHaveLength(1);
    expect(await inside('chroot', layers[0] as string, '/bin/sh', '-c', 'stat -c %a:%u /tmp; id -un')).toBe(
      '1777:0\nroot',
    );
  });

  it('becomes a machine disk once, with the right owners', async () => {
    const { id } = store.get('busybox');
    const disk = join(paths.images, 'rootdisks', `${id.slice(7)}.raw`);
    // Without the kernel package (no mirror) the disk is still made; that half is what is looked at here.
    await store.machine(id, operation()).catch((error: ErrorShape) => expect(error.code).not.toBe('internal'));
    const look = (what: string) =>
      execFileSync('debugfs', ['-R', what, disk], { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
    expect(look('stat /tmp')).toMatch(/Mode:\s+01777/);
    expect(look('stat /bin/busybox')).toMatch(/User:\s+0\s+Group:\s+0/);
    execFileSync('e2fsck', ['-fn', disk], { stdio: 'ignore' });
  });

  it('becomes a machine disk of the size asked for, if it fits', async () => {
    const { id } = store.get('busybox');
    await store
      .machine(id, operation(), { diskGib: 0.25 })
      .catch((error: ErrorShape) => expect(error.code).not.toBe('internal'));
    const [disk] = readdirSync(join(paths.images, 'rootdisks')).filter((name) => name.includes('-'));
    expect(statSync(join(paths.images, 'rootdisks', disk as string)).size).toBe(256 * 1024 ** 2);
    expect(await failure(store.machine(id, operation(), { diskGib: 0.05 }))).toMatchObject({
      code: 'invalid',
      subject: 'diskGib',
    });
  });

  it('is not removed while guests use it', async () => {
    const { id } = store.get('busybox');
    store.setUsers(new Map([[id, ['web', 'db']]]));
    expect(await failure(store.remove('busybox'))).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('web, db'),
    });
    expect(store.get(id).usedBy).toEqual(['web', 'db']);
    store.setUsers(new Map());
  });

  it('is named when something near is asked for', async () => {
    expect(() => store.get('bussybox')).toThrow(
      expect.objectContaining({ code: 'not-found', hint: expect.stringContaining('busybox:latest') }),
    );
  });
});

/** Two layers with everything a plain extractor gets wrong. */
async function hardLayers(): Promise<Buffer[]> {
  const lower: LayerEntry[] = [
    { name: 'etc/', type: 'directory', mode: 0o755 },
    { name: 'etc/gone', content: 'from below' },
    { name: 'etc/kept', content: 'from below' },
    { name: 'data/', type: 'directory', mode: 0o750, uid: 33, gid: 33 },
    { name: 'data/below', content: 'below' },
    { name: 'bin/', type: 'directory', mode: 0o755 },
    { name: 'bin/su', content: 'setuid', mode: 0o4755 },
    { name: 'bin/sudo', type: 'link', linkname: 'bin/su', mode: 0o4755 },
    { name: 'bin/abs', type: 'symlink', linkname: '/etc/passwd' },
    { name: 'dev/', type: 'directory', mode: 0o755 },
    { name: 'dev/sda', type: 'block-device', devmajor: 8, devminor: 0, mode: 0o666 },
    {
      name: 'marked',
      content: 'x',
      pax: { 'SCHILY.xattr.user.note': 'hello', 'SCHILY.xattr.user.overlay.redirect': '/../..' },
    },
    { name: `long/${'n'.repeat(120)}/${'m'.repeat(120)}`, content: 'long' },
  ];
  const upper: LayerEntry[] = [
    { name: 'etc/', type: 'directory', mode: 0o755 },
    { name: 'etc/.wh.gone', content: '' },
    { name: 'data/', type: 'directory', mode: 0o700, uid: 33, gid: 34 },
    { name: 'data/.wh..wh..opq', content: '' },
    { name: 'data/above', content: 'above', uid: 1000 },
  ];
  return [await layerTar(lower), await layerTar(upper)];
}

describe('archives', () => {
  it('from docker save: owners, modes, links, attributes, whiteouts', async () => {
    const layers = await hardLayers();
    await writeDockerArchive(file('web.tar'), layers, {
      name: 'example/web:1.2',
      config: {
        Entrypoint: ['/bin/web'],
        Cmd: ['-v'],
        Env: ['A=b'],
        User: 'www',
        WorkingDir: '/srv',
        ExposedPorts: { '80/tcp': {} },
      },
    });
    const steps: Progress[] = [];
    const image = await store.import(
      file('web.tar'),
      undefined,
      operation(undefined, (one) => steps.push(one)),
    );
    expect(image).toMatchObject({
      name: 'example/web:1.2',
      kind: 'rootfs',
      config: {
        entrypoint: ['/bin/web'],
        cmd: ['-v'],
        env: ['A=b'],
        user: 'www',
        workingDir: '/srv',
        exposedPorts: [80],
      },
    });
    expect(steps.map(({ step }) => step)).toContain('Unpacking layer 2 of 2');

    const trees = (await store.rootfs(image.id)).layers;
    const [top, bottom] = trees as [string, string];
    const look = (tree: string, path: string) => inside('stat', '-c', '%F|%a|%u:%g|%t,%T', join(tree, path));
    expect(await look(bottom, 'bin/su')).toBe('regular file|4755|0:0|0,0');
    expect(await inside('stat', '-c', '%h', join(bottom, 'bin/sudo'))).toBe('2');
    expect(await look(bottom, 'data')).toBe('directory|750|33:33|0,0');
    expect(await inside('readlink', join(bottom, 'bin/abs'))).toBe('/etc/passwd');
    expect(await inside('ls', '-A', join(bottom, 'dev'))).toBe('');
    expect(await look(top, 'etc/gone')).toEqual(expect.stringMatching(/^character special file.*\|0:0\|0,0$/));
    expect(await inside('ls', '-A', join(top, 'data'))).toBe('above');
    expect(await look(top, 'data')).toBe('directory|700|33:34|0,0');

    const merged = join(scratch, 'merged');
    mkdirSync(merged);
    const options = `lowerdir=${trees.join(':')},ro${asRoot ? '' : ',userxattr'}`;
    await inside('mount', '-t', 'overlay', 'overlay', '-o', options, merged);
    try {
      expect(await inside('ls', '-A', join(merged, 'data'))).toBe('above');
      expect(await inside('ls', '-A', join(merged, 'etc'))).toBe('kept');
      expect(await inside('cat', join(merged, 'marked'))).toBe('x');
    } finally {
      await inside('umount', merged);
    }
  });

  it('in the OCI layout, gzip and zstd, share layers with what is there; the disk shows the merged tree', async () => {
    const layers = await hardLayers();
    const config = { Cmd: ['another'] };
    await writeOciArchive(file('oci.tar'), layers, { name: 'other:3', config });
    const before = contents().filter((name) => name.startsWith('layers/'));
    const image = await store.import(file('oci.tar'), undefined, operation());
    expect(image.name).toBe('other:3');
    expect(contents().filter((name) => name.startsWith('layers/'))).toEqual(before);

    await writeOciArchive(file('zstd.tar'), layers, { compress: 'zstd', config });
    const renamed = await store.import(file('zstd.tar'), 'third', operation());
    expect(renamed).toMatchObject({ id: image.id, name: 'third:latest' });
    expect(store.get('other:3').id).toBe(image.id);

    await store.machine(image.id, operation()).catch((error: ErrorShape) => expect(error.code).not.toBe('internal'));
    const disk = join(paths.images, 'rootdisks', `${image.id.slice(7)}.raw`);
    const look = (what: string) =>
      execFileSync('debugfs', ['-R', what, disk], { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
    expect(look('ls -p /data')).toMatch(/above/);
    expect(look('ls -p /data')).not.toMatch(/below/);
    expect(look('ls -p /etc')).not.toMatch(/gone/);
    expect(look('stat /data/above')).toMatch(/User:\s+1000/);
  });

  it('saved by skopeo and compressed as a whole', async () => {
    const layer = await layerTar([{ name: 'hello', content: 'hello' }]);
    await writeDockerArchive(file('whole.tar.gz'), [layer], { compress: 'gzip', config: { Cmd: ['whole'] } });
    const image = await store.import(file('whole.tar.gz'), undefined, operation());
    expect(image.name).toBe('whole:latest');
    if (!existsSync('/usr/bin/skopeo')) return;
    await writeDockerArchive(file('plain.tar'), [layer], { config: { Cmd: ['skopeo'] } });
    const copy = [
      '--insecure-policy',
      'copy',
      '-q',
      `docker-archive:${file('plain.tar')}`,
      `oci-archive:${file('sk.tar')}:x/sk:9`,
    ];
    execFileSync('skopeo', copy, { stdio: 'ignore' });
    expect((await store.import(file('sk.tar'), undefined, operation())).config?.cmd).toEqual(['skopeo']);
  });

  it('of the same content under two names: each is found and shown, and one goes without the other', async () => {
    const path = file('twice.tar');
    await writeDockerArchive(path, [await layerTar([{ name: 'twice', content: '2' }])], { name: 'first:1' });
    const { id } = await store.import(path, undefined, operation());
    expect(await store.import(path, 'second:1', operation())).toMatchObject({
      id,
      name: 'second:1',
      aliases: ['first:1'],
    });
    expect(store.get('first:1')).toMatchObject({ id, name: 'first:1', aliases: ['second:1'] });
    store.setUsers(new Map([[id, ['guest']]]));
    await store.remove('first:1');
    expect(() => store.get('first:1')).toThrow(expect.objectContaining({ code: 'not-found' }));
    expect(store.get('second:1')).toMatchObject({ id, aliases: [], usedBy: ['guest'] });
    await expect(store.remove('second:1')).rejects.toThrow(expect.objectContaining({ code: 'conflict' }));
    store.setUsers(new Map());
    await store.remove('second:1');
    expect(store.list().some((image) => image.id === id)).toBe(false);
  });

  it('take a used name over without losing the image that had it', async () => {
    const first = await layerTar([{ name: 'one', content: '1' }]);
    await writeDockerArchive(file('a.tar'), [first], { name: 'same:1' });
    await writeDockerArchive(file('b.tar'), [first, first], { name: 'same:1' });
    const old = await store.import(file('a.tar'), undefined, operation());
    const young = await store.import(file('b.tar'), undefined, operation());
    expect(store.get('same:1').id).toBe(young.id);
    expect(store.get(old.id).name).toBe(`same:1-${old.id.slice(7, 19)}`);
    await store.remove(old.id);
    expect(existsSync((await store.rootfs(young.id)).layers[0] as string)).toBe(true);
  });
});

describe('refused, leaving nothing', () => {
  const hostile: Record<string, LayerEntry[]> = {
    'a name with ..': [{ name: '../escaped', content: 'x' }],
    'a name with .. inside': [{ name: 'a/../../escaped', content: 'x' }],
    'an absolute name': [{ name: '/tmp/gh-escaped', content: 'x' }],
    'a hard link out': [{ name: 'shadow', type: 'link', linkname: '../../../../../etc/shadow' }],
    'an absolute hard link': [{ name: 'shadow', type: 'link', linkname: '/etc/shadow' }],
    'a write through an absolute link': [
      { name: 'out', type: 'symlink', linkname: '/tmp' },
      { name: 'out/gh-escaped', content: 'x' },
    ],
    'a write through a link up': [
      { name: 'out', type: 'symlink', linkname: '../../../..' },
      { name: 'out/gh-escaped', content: 'x' },
    ],
    'a hard link through a link': [
      { name: 'etc', type: 'symlink', linkname: '/etc' },
      { name: 'shadow', type: 'link', linkname: 'etc/shadow' },
    ],
    'a whiteout through a link': [
      { name: 'out', type: 'symlink', linkname: 'inner' },
      { name: 'out/.wh.x', content: '' },
    ],
    'a whiteout through a link by its other name': [
      { name: 'a', type: 'symlink', linkname: '.' },
      { name: 'a/b', type: 'symlink', linkname: '/tmp' },
      { name: 'b/.wh.gh-escaped', content: '' },
    ],
    'a whiteout through a hard link to a link': [
      { name: 'out', type: 'symlink', linkname: '/tmp' },
      { name: 'twin', type: 'link', linkname: 'out' },
      { name: 'twin/.wh.gh-escaped', content: '' },
    ],
    'a whiteout of ..': [{ name: 'a/.wh...', content: '' }],
  };
  for (const [what, entries] of Object.entries(hostile))
    it(`${what}`, async () => {
      const before = contents();
      const layer = await layerTar(entries);
      await writeDockerArchive(file('hostile.tar'), [layer]);
      expect(await failure(store.import(file('hostile.tar'), 'hostile', operation()))).toMatchObject({
        code: 'bad-data',
      });
      expect(contents()).toEqual(before);
      expect(existsSync('/tmp/gh-escaped')).toBe(false);
    });

  it('links chained to lead out are made, never followed', async () => {
    const layer = await layerTar([
      { name: 'a', type: 'symlink', linkname: '.' },
      { name: 'a/b', type: 'symlink', linkname: '..' },
      { name: 'a/b/gh-escaped', content: 'x' },
    ]);
    await writeDockerArchive(file('chain.tar'), [layer]);
    expect(['bad-data', 'internal']).toContain(
      (await failure(store.import(file('chain.tar'), 'chain', operation()))).code,
    );
    expect(await inside('find', paths.images, '-name', 'gh-escaped')).toBe('');
  });

  it('a bomb: by what its header says, before a byte of it is there', async () => {
    const before = contents();
    const { bavail, bsize } = statfsSync(scratch);
    const header = tarHeader({ name: 'zeros', sizeBytes: bavail * bsize });
    await writeDockerArchive(file('bomb.tar'), [Buffer.concat([header, Buffer.alloc(100_000)])]);
    // Beyond 64 GiB a layer is nobody's, however large the disk is.
    const code = bavail * bsize > 64 * 1024 ** 3 ? 'bad-data' : 'resources';
    expect(await failure(store.import(file('bomb.tar'), 'bomb', operation()))).toMatchObject({ code });
    expect(contents()).toEqual(before);
  });

  it('nothing of ours, no device, and of what comes twice the last', async () => {
    const layer = await layerTar([
      { name: 'twice', content: 'first' },
      { name: 'null', type: 'character-device', devmajor: 1, devminor: 3 },
      { name: 'disk', type: 'block-device', devmajor: 8, devminor: 0 },
      { name: '.wh..wh.plnk', content: '' },
      { name: '.wh..wh.aufs', content: '' },
      { name: 'folder/', type: 'directory', mode: 0o700 },
      { name: 'twice', content: 'second' },
      { name: 'folder/', type: 'directory', mode: 0o755 },
    ]);
    await writeDockerArchive(file('odd.tar'), [layer]);
    const { id } = await store.import(file('odd.tar'), 'odd', operation());
    const [tree = ''] = (await store.rootfs(id)).layers;
    expect((await inside('find', tree, '-mindepth', '1', '-printf', '%P %y %m\n')).split('\n').sort()).toEqual([
      'folder d 755',
      'twice f 644',
    ]);
    expect(await inside('cat', join(tree, 'twice'))).toBe('second');
    await store.remove(id);
  });

  it('layers that are not what the archive says, another architecture, half an archive', async () => {
    const before = contents();
    const layer = await layerTar([{ name: 'file', content: 'x'.repeat(5000) }]);
    await writeDockerArchive(file('wrong.tar'), [layer], { wrongDiffId: true });
    expect(await failure(store.import(file('wrong.tar'), 'wrong', operation()))).toMatchObject({ code: 'bad-data' });
    await writeOciArchive(file('s390.tar'), [layer], { architecture: 's390x' });
    expect(await failure(store.import(file('s390.tar'), 'wrong', operation()))).toMatchObject({ code: 'unsupported' });
    writeFileSync(file('half.tar'), readFileSync(file('wrong.tar')).subarray(0, 3000));
    expect(await failure(store.import(file('half.tar'), 'wrong', operation()))).toMatchObject({ code: 'bad-data' });
    expect(contents()).toEqual(before);
  });

  it('what is not an image at all', async () => {
    writeFileSync(file('disk.qcow2'), 'this is a letter\n'.repeat(100));
    expect(await failure(store.import(file('disk.qcow2'), undefined, operation()))).toMatchObject({
      code: 'bad-data',
      message: expect.stringContaining('a text file'),
      hint: expect.stringContaining('qcow2'),
    });
    writeFileSync(file('empty.iso'), '');
    expect((await failure(store.import(file('empty.iso'), undefined, operation()))).message).toMatch(/empty file/);
    expect(await failure(store.import(file('absent'), undefined, operation()))).toMatchObject({ code: 'not-found' });
    expect(await failure(store.import(scratch, undefined, operation()))).toMatchObject({ code: 'bad-data' });
    execFileSync('qemu-img', ['create', '-q', '-f', 'qed', file('x.img'), '1M']);
    expect((await failure(store.import(file('x.img'), undefined, operation()))).message).toMatch(/QED/);
    for (const name of ['../x', 'a\nb', 'a,b', 'UPPER', 'x'.repeat(300), ''])
      expect(await failure(store.import(file('web.tar'), name, operation()))).toMatchObject({ code: 'invalid' });
  });

  it('a qcow2 disk that leads elsewhere', async () => {
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', file('base.qcow2'), '1M']);
    execFileSync('qemu-img', [
      'create',
      '-q',
      '-f',
      'qcow2',
      '-b',
      file('base.qcow2'),
      '-F',
      'qcow2',
      file('over.qcow2'),
    ]);
    expect((await failure(store.import(file('over.qcow2'), undefined, operation()))).message).toMatch(/backing file/);
    execFileSync('qemu-img', [
      'create',
      '-q',
      '-f',
      'qcow2',
      '-o',
      `data_file=${file('data.raw')}`,
      file('ext.qcow2'),
      '1M',
    ]);
    expect((await failure(store.import(file('ext.qcow2'), undefined, operation()))).message).toMatch(/another file/);
  });

  it.runIf(asRoot)('when the disk is full', async () => {
    const small = join(scratch, 'small');
    mkdirSync(small);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small]);
    const smallPaths = resolvePaths({ ...process.env, GUESTHOUSE_HOME: small });
    const smallHouse = createHouse({ paths: smallPaths, log: createLog('/dev/null') });
    try {
      const tiny = createImageStore({ paths: smallPaths, log: createLog('/dev/null'), house: smallHouse });
      await tiny.load();
      const busybox = await failure(tiny.build('busybox', operation()));
      expect(busybox).toMatchObject({ code: 'resources', message: 'No space left while building busybox.' });
      const debian = await failure(tiny.build('debian:12', operation()));
      if (isDebian12) {
        expect(debian).toMatchObject({ code: 'resources', message: 'No space left while building debian:12.' });
        expect(debian.cause).toMatch(/At least \d+ MiB more/);
      }
      expect(tiny.list()).toEqual([]);
      for (const part of ['images', 'layers', 'work']) expect(readdirSync(join(smallPaths.images, part))).toEqual([]);
    } finally {
      await smallHouse.demolish();
      execFileSync('umount', [small]);
      rmSync(smallPaths.run, { recursive: true, force: true });
    }
  });
});

describe('disks and media', () => {
  it('qcow2 is copied and never probed again', async () => {
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', file('Server Disk.qcow2'), '3G']);
    const image = await store.import(file('Server Disk.qcow2'), undefined, operation());
    expect(image).toMatchObject({ name: 'server-disk:latest', kind: 'disk', virtualBytes: 3 * 1024 ** 3 });
    const machine = await store.machine(image.id, operation());
    expect(machine).toMatchObject({ disk: { format: 'qcow2', virtualBytes: 3 * 1024 ** 3 }, boot: null, config: null });
    expect(readFileSync(machine.disk.path)).toEqual(readFileSync(file('Server Disk.qcow2')));
    expect(await failure(store.rootfs(image.id))).toMatchObject({ code: 'unsupported' });
  });

  it('a raw disk keeps its holes', async () => {
    const disk = Buffer.alloc(40 * 1024 ** 2);
    disk.writeUInt16LE(0xaa55, 510);
    disk.write('content', 20 * 1024 ** 2);
    writeFileSync(file('raw.img'), disk);
    const image = await store.import(file('raw.img'), 'raw', operation());
    expect(image).toMatchObject({ kind: 'disk', virtualBytes: disk.length });
    expect(image.sizeBytes).toBeLessThan(1024 ** 2);
    expect(readFileSync((await store.machine(image.id, operation())).disk.path).equals(disk)).toBe(true);
  });

  it('an ISO medium', async () => {
    const iso = Buffer.alloc(64 * 1024);
    iso.write('\x01CD001', 32768, 'latin1');
    iso.writeUInt16LE(0xaa55, 510);
    writeFileSync(file('anything.bin'), iso);
    const image = await store.import(file('anything.bin'), 'installer', operation());
    expect(image.kind).toBe('iso');
    expect(readFileSync(await store.iso(image.id)).equals(iso)).toBe(true);
  });

  it('a copy that is cancelled leaves nothing', async () => {
    const before = contents();
    const abort = new AbortController();
    const disk = Buffer.alloc(64 * 1024 ** 2, 1);
    disk.writeUInt16LE(0xaa55, 510);
    writeFileSync(file('big.img'), disk);
    const importing = store.import(
      file('big.img'),
      'big',
      operation(abort.signal, () => abort.abort()),
    );
    expect(await failure(importing)).toMatchObject({ code: 'cancelled' });
    expect(contents()).toEqual(before);
  });
});

describe('after a crash', () => {
  it('load sweeps work folders, unreferenced layers and files, and keeps the rest', async () => {
    const images = store.list();
    const before = contents();
    mkdirSync(join(paths.images, 'work', 'abc', 'layer', 'tree'), { recursive: true });
    await inside('chown', '-R', '33:33', join(paths.images, 'work', 'abc', 'layer', 'tree'));
    mkdirSync(join(paths.images, 'layers', 'f'.repeat(64), 'tree'), { recursive: true });
    writeFileSync(join(paths.images, 'files', `${'e'.repeat(64)}.raw`), 'x');
    mkdirSync(join(paths.images, 'images', 'd'.repeat(64)));
    const again = createImageStore({ paths, log: createLog(paths.log), house });
    await again.load();
    expect(contents()).toEqual(before);
    expect(again.list()).toEqual(images);
  });
});

describe.runIf(isDebian12)('debian:12', () => {
  it('cancelled in the middle leaves no process, mount or file', async () => {
    const before = contents();
    const abort = new AbortController();
    const steps: string[] = [];
    const building = store.build(
      'debian:12',
      operation(abort.signal, ({ step }) => {
        steps.push(step);
        if (step === 'Downloading packages' || step === 'Unpacking packages') abort.abort();
      }),
    );
    const error = await failure(building);
    // A host that cannot reach its mirror fails on its own, and must leave nothing all the same.
    expect(['cancelled', 'resources']).toContain(error.code);
    expect(contents()).toEqual(before);
    await sleep(300);
    expect(await inside('grep', '-c', paths.images, '/proc/self/mounts').catch(() => '0')).toBe('0');
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      let command = '';
      try {
        command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        continue;
      }
      expect(command.includes(paths.images) && command.includes('mmdebstrap')).toBe(false);
    }
  });
});
