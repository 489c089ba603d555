/** Disks of machines with real QEMU: what comes, goes and grows while it runs. As root and as an ordinary user. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DISK_DEFAULTS, type MachineDisk } from '../../engine/contract/disk.ts';
import type { Guest } from '../../engine/contract/guest.ts';
import { AUTO_MACHINE } from '../../engine/contract/machine.ts';
import { guestFolder } from '../../engine/host/paths.ts';
import { type EngineHome, makeEngineHome } from '../fixtures/engine.ts';
import { type Talk, talkTo } from '../fixtures/talk.ts';

const MIB = 1024 * 1024;
const disk = (name: string, fields: Partial<MachineDisk> = {}): MachineDisk => ({ ...DISK_DEFAULTS, name, ...fields });

let home: EngineHome;
let guest: Guest;
let shell: Talk;
const change = (fields: Partial<Guest['spec']>) => home.call('guests.update', { guest: 'box', change: fields });
const disksOf = async () => (await home.guest('box')).spec.disks;
const folder = () => join(guestFolder(home.paths, guest.id), 'disks');

beforeAll(async () => {
  home = await makeEngineHome();
  await home.call('guests.create', {
    draft: {
      name: 'box',
      isolation: 'vm',
      image: 'busybox',
      memoryMib: 128,
      network: 'none',
      command: ['sh'],
      disks: [disk('first', { sizeGib: 0.0625 })],
    },
  });
  guest = await home.call('guests.start', { guest: 'box' });
  shell = await talkTo(home, 'box');
  await shell.until(/# /);
});
afterAll(async () => {
  await home?.end();
});

/** Waits in the guest until a disk of this serial number has so many sectors, and names its device. */
const seen = async (serial: string, sectors: number): Promise<string> => {
  const script = `until for d in /sys/block/vd*; do [ "$(cat $d/serial)" = ${serial} ] && [ $(cat $d/size) = ${sectors} ] && break; done; do sleep 1; done; echo at:$(basename $d):${serial}:${sectors}`;
  return /at:(vd[a-z]):/.exec(await shell.say(script, new RegExp(`at:vd[a-z]:${serial}:${sectors}`)))?.[1] as string;
};

describe('while the machine runs', () => {
  it('has the further disk it was made with, under its own name', async () => {
    const device = await seen('first', 131_072);
    await shell.say(
      `mke2fs /dev/${device} && mkdir -p /m && mount /dev/${device} /m && echo kept > /m/f && umount /m && echo do""ne`,
      /done/,
    );
    const [root, first] = await home.call('disks.list', { guest: 'box' });
    expect(root).toMatchObject({ name: 'root', kind: 'disk', format: 'qcow2', attached: true });
    // A difference to the image: what a new machine costs is what its kernel wrote at its first start.
    expect(root?.usedBytes).toBeLessThan(4 * MIB);
    expect(first).toMatchObject({ name: 'first', sizeBytes: 64 * MIB, from: null, attached: true });
  });

  it('sees a disk come, grow and go, with what is on it kept until it is removed', async () => {
    const plan = await home.call('guests.planChange', {
      guest: 'box',
      change: { disks: [...(await disksOf()), disk('second', { sizeGib: 0.03125 })] },
    });
    expect(plan).toEqual({ live: ['disks'], recreate: [], problems: [] });
    await change({
      disks: [...(await disksOf()), disk('second', { sizeGib: 0.03125, format: 'raw', cache: 'unsafe' })],
    });
    const device = await seen('second', 65_536);
    await shell.say(`echo written > /dev/${device}; sync; echo wr""ote`, /wrote/);

    await change({
      disks: [disk('first', { sizeGib: 0.0625 }), { ...((await disksOf())[1] as MachineDisk), sizeGib: 0.0625 }],
    });
    expect(await seen('second', 131_072)).toBe(device);

    await change({ disks: (await disksOf()).map((one) => ({ ...one, attached: one.name !== 'second' })) });
    await shell.say(`until [ ! -e /sys/block/${device} ]; do sleep 1; done; echo go""ne`, /gone/);
    expect(readdirSync(folder()).sort()).toEqual(['first.qcow2', 'second.raw']);
    await change({ disks: (await disksOf()).map((one) => ({ ...one, attached: true })) });
    const again = await seen('second', 131_072);
    await shell.say(`head -n1 /dev/${again}`, /^written/m);

    await change({ disks: (await disksOf()).filter(({ name }) => name === 'first') });
    expect(readdirSync(folder())).toEqual(['first.qcow2']);
    await shell.say(`until [ ! -e /sys/block/${again} ]; do sleep 1; done; echo wen""t`, /went/);
  });

  it('discards into nothing, and keeps to limits that change', async () => {
    const path = join(folder(), 'first.qcow2');
    const used = () => statSync(path).blocks * 512;
    const device = await seen('first', 131_072);
    await shell.say(
      `dd if=/dev/urandom of=/dev/${device} bs=1M seek=16 count=16 conv=fsync 2>/dev/null; echo fil""led`,
      /filled/,
    );
    const filled = used();
    expect(filled).toBeGreaterThan(16 * MIB);
    await shell.say(
      `dd if=/dev/zero of=/dev/${device} bs=1M seek=16 count=16 conv=fsync 2>/dev/null; echo emp""tied`,
      /emptied/,
    );
    expect(used()).toBeLessThan(filled - 12 * MIB);

    const io = { ...guest.spec.io, writeBytesPerSecond: 2 * MIB };
    await change({ io });
    const began = performance.now();
    await shell.say(
      `dd if=/dev/urandom of=/dev/${device} bs=1M seek=16 count=8 conv=fsync 2>/dev/null; echo slo""wly`,
      /slowly/,
    );
    // Eight MiB at two a second, less what a full bucket lets through at once.
    expect(performance.now() - began).toBeGreaterThan(2_000);
    await change({ io: guest.spec.io });
  });

  it('refuses what cannot be, and stays as it was', async () => {
    const before = await disksOf();
    const shrunk = before.map((one) => ({ ...one, sizeGib: 0.01 }));
    await expect(change({ disks: shrunk })).rejects.toMatchObject({ code: 'invalid', message: /only become larger/ });
    await expect(change({ disks: [...before, disk('nothing')] })).rejects.toMatchObject({ message: /no size/ });
    await expect(change({ disks: [...before, disk('root', { sizeGib: 1 })] })).rejects.toMatchObject({
      code: 'invalid',
    });
    await expect(change({ disks: [...before, disk('a', { from: 'missing' })] })).rejects.toMatchObject({
      code: 'not-found',
    });
    await expect(change({ disks: [...before, disk('a', { from: '/dev/null', format: 'raw' })] })).rejects.toMatchObject(
      {
        code: 'not-found',
      },
    );
    await expect(change({ disks: before.map((one) => ({ ...one, cache: 'none' as const })) })).rejects.toMatchObject({
      code: 'wrong-state',
      cause: /disks/,
    });
    await expect(home.call('disks.compact', { guest: 'box', disk: 'first' })).rejects.toMatchObject({
      code: 'wrong-state',
    });
    expect(await disksOf()).toEqual(before);
    // More than there are slots for: those before it come and go again.
    const many = Array.from({ length: 5 }, (_, at) => disk(`n${at}`, { sizeGib: 0.01 }));
    await expect(change({ disks: [...before, ...many] })).rejects.toMatchObject({ code: 'resources' });
    expect(await disksOf()).toEqual(before);
    expect(readdirSync(folder())).toEqual(['first.qcow2']);
  });
});

describe('while it does not run', () => {
  it('has a disk from an image, which is a difference to it and holds it', async () => {
    await home.call('guests.stop', { guest: 'box' });
    const file = join(home.paths.home, 'data.qcow2');
    const raw = join(home.paths.home, 'data.raw');
    const content = Buffer.alloc(4 * MIB);
    content.write('from the image');
    content.writeUInt16BE(0x55aa, 510);
    writeFileSync(raw, content);
    execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', raw, file]);
    const image = await home.call('images.import', { path: file, name: 'data' });
    const disks = [...(await disksOf()), disk('data', { from: 'data', readOnly: true })];
    expect((await home.call('guests.planChange', { guest: 'box', change: { disks } })).live).toEqual(['disks']);
    await change({ disks });
    expect(statSync(join(folder(), 'data.qcow2')).size).toBeLessThan(MIB);
    expect((await disksOf())[1]?.from).toBe(image.id);
    await expect(home.call('images.remove', { image: 'data' })).rejects.toMatchObject({ code: 'conflict' });
    await home.call('guests.start', { guest: 'box' });
    shell = await talkTo(home, 'box');
    await shell.until(/# /);
    const device = await seen('data', 8_192);
    await shell.say(
      `head -c 14 /dev/${device}; cat /sys/block/${device}/ro; echo; echo re""ad`,
      /from the image1[\s\S]*read/,
    );
    await home.call('guests.stop', { guest: 'box' });
  });

  it('gives room back, finds damage and mends it', async () => {
    const path = join(folder(), 'first.qcow2');
    const io = (command: string) => execFileSync('qemu-io', ['-f', 'qcow2', '-c', command, path]);
    io('write -P 7 16M 16M');
    io('discard 16M 16M');
    io('write -P 7 32M 8M');
    const { beforeBytes, afterBytes } = await home.call('disks.compact', { guest: 'box', disk: 'first' });
    expect(afterBytes).toBeLessThanOrEqual(beforeBytes);
    expect(await home.call('disks.check', { guest: 'box', disk: 'first' })).toMatchObject({ state: 'whole' });
    expect(io('read -P 7 32M 8M').toString()).not.toMatch(/failed/);
    // The root stays the difference to its image.
    expect((await home.call('disks.compact', { guest: 'box', disk: 'root' })).afterBytes).toBeLessThan(8 * MIB);
    expect(existsSync(`${path}.compact`)).toBe(false);

    // Places in use are counted as free (two bytes each): the next write would overwrite them.
    const table = Number(readAt(path, 48, 8).readBigUInt64BE());
    const counts = Number(readAt(path, table, 8).readBigUInt64BE());
    writeAt(path, counts + 2, Buffer.alloc(4));
    const found = await home.call('disks.check', { guest: 'box', disk: 'first' });
    expect(found.state).toBe('damaged');
    const mended = await home.call('disks.check', { guest: 'box', disk: 'first', repair: true });
    expect(mended.corruptionsFixed).toBeGreaterThan(0);
    expect((await home.call('disks.check', { guest: 'box', disk: 'first' })).state).toBe('whole');
    // One that was made to read a file of the host is not opened by anybody.
    execFileSync('qemu-img', ['rebase', '-u', '-f', 'qcow2', '-b', '/etc/shadow', '-F', 'raw', path]);
    for (const act of [
      () => home.call('disks.check', { guest: 'box', disk: 'first' }),
      () => home.call('disks.compact', { guest: 'box', disk: 'first' }),
      () => home.call('guests.start', { guest: 'box' }),
    ])
      await expect(act()).rejects.toMatchObject({ code: 'bad-data', message: /backing file/ });
    await change({ disks: [] });
    expect(readdirSync(folder())).toEqual([]);
  });
});

describe('a disk of the host', () => {
  it('is the guest’s alone: refused while mounted, not mounted while given', async (context) => {
    const file = join(home.paths.home, 'host.raw');
    writeFileSync(file, Buffer.alloc(16 * MIB));
    const loop = spawnSync('losetup', ['--find', '--show', file]).stdout?.toString().trim();
    if (!loop) context.skip('no loop device here (it takes root)');
    const place = join(home.paths.home, 'mounted');
    const mount = () => spawnSync('mount', [loop, place]).status;
    try {
      execFileSync('mkfs.ext4', ['-q', loop]);
      mkdirSync(place);
      const given = [disk('given', { from: loop, format: 'raw' })];
      expect(mount()).toBe(0);
      await expect(change({ disks: given })).rejects.toMatchObject({ code: 'conflict', message: /is mounted from it/ });
      execFileSync('umount', [place]);
      await change({ disks: given });
      await home.call('guests.start', { guest: 'box' });
      shell = await talkTo(home, 'box');
      await shell.until(/# /);
      const device = await seen('given', 32_768);
      await shell.say(`echo by-the-guest > /dev/${device}; sync; echo wr""itten`, /written/);
      expect(readAt(loop, 0, 12).toString()).toBe('by-the-guest');
      expect(mount()).not.toBe(0);
      const other = {
        name: 'other',
        isolation: 'vm',
        image: 'busybox',
        memoryMib: 128,
        network: 'none',
        disks: given,
      } as const;
      await expect(home.call('guests.create', { draft: other })).rejects.toMatchObject({
        message: /a disk of box already/,
      });
      expect((await home.call('disks.list', { guest: 'box' }))[1]).toMatchObject({ kind: 'host', from: loop });
      await change({ disks: [] });
    } finally {
      await home.call('guests.kill', { guest: 'box' }).catch(() => {});
      spawnSync('umount', [place]);
      spawnSync('losetup', ['--detach', loop]);
    }
  });
});

describe('a partition of the host', () => {
  it('is given without the rest of its disk, which nobody else gets meanwhile', async (context) => {
    const file = join(home.paths.home, 'parted.raw');
    writeFileSync(file, Buffer.alloc(16 * MIB));
    const table = () => readAt(file, 0, MIB);
    const loop =
      spawnSync('sfdisk', ['-q', file], { input: 'label: dos\nstart=2048, size=8192\nstart=10240, size=8192\n' })
        .status === 0
        ? spawnSync('losetup', ['--find', '--show', file]).stdout?.toString().trim()
        : '';
    if (!loop) context.skip('no loop device here (it takes root and the package fdisk)');
    const partition = (at: number) => `${loop}p${at}`;
    try {
      spawnSync('partx', ['-a', loop]);
      if (!existsSync(partition(1))) context.skip('no partitions of loop devices here');
      const before = table();
      const listed = async (device: string) => (await home.call('host.disks', {})).find((one) => one.device === device);
      expect(await listed(partition(1))).toMatchObject({ partOf: loop, sizeBytes: 4 * MIB, blocks: [] });
      await change({ disks: [disk('part', { from: partition(1), format: 'raw' })] });
      await home.call('guests.start', { guest: 'box' });
      shell = await talkTo(home, 'box');
      await shell.until(/# /);
      const device = await seen('part', 8_192);
      await shell.say(`echo in-its-part > /dev/${device}; sync; echo wr""itten`, /written/);
      expect(readAt(partition(1), 0, 11).toString()).toBe('in-its-part');
      expect(table().equals(before)).toBe(true);

      const draft = (from: string) => ({
        name: 'other',
        isolation: 'vm' as const,
        image: 'busybox',
        memoryMib: 128,
        network: 'none',
        disks: [disk('mine', { from, format: 'raw' })],
      });
      await expect(home.call('guests.create', { draft: draft(loop) })).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringContaining(`in one place with "${partition(1)}", a disk of box`),
      });
      expect((await listed(loop))?.blocks).toEqual(['A partition of it is a disk of box.']);
      expect((await listed(partition(2)))?.blocks).toEqual([]);
      await home.call('guests.create', { draft: draft(partition(2)) });
      await home.call('guests.remove', { guest: 'other', force: true });
    } finally {
      await home.call('guests.kill', { guest: 'box' }).catch(() => {});
      await change({ disks: [] });
      spawnSync('partx', ['-d', loop]);
      spawnSync('losetup', ['--detach', loop]);
    }
  });
});

describe('a disk of the host as all there is', () => {
  const only = (from: string, more = {}) => ({
    name: 'metal',
    isolation: 'vm' as const,
    memoryMib: 64,
    network: 'none',
    disks: [disk('host', { from, format: 'raw' })],
    ...more,
  });
  const create = (draft: ReturnType<typeof only>) => home.call('guests.create', { draft });

  it('is started from by its firmware, and is not started from while it is mounted', async (context) => {
    const file = join(home.paths.home, 'metal.raw');
    writeFileSync(file, Buffer.alloc(16 * MIB));
    const loop = spawnSync('losetup', ['--find', '--show', file]).stdout?.toString().trim();
    if (!loop) context.skip('no loop device here (it takes root)');
    const place = join(home.paths.home, 'metal');
    mkdirSync(place);
    try {
      execFileSync('mkfs.ext4', ['-q', loop]);
      execFileSync('mount', [loop, place]);
      await expect(create(only(loop))).rejects.toMatchObject({ code: 'conflict', message: /is mounted from it/ });
      const listed = async () => (await home.call('host.disks', {})).find(({ device }) => device === loop);
      expect(await listed()).toMatchObject({ name: file, partOf: null, sizeBytes: 16 * MIB });
      expect((await listed())?.blocks.join()).toMatch(/mounted from it/);
      execFileSync('umount', [place]);
      expect((await listed())?.blocks).toEqual([]);
      writeAt(loop, 0, bootSector('from the disk of the host'));

      for (const diskBus of ['virtio', 'sata'] as const) {
        const made = await create(only(loop, { machine: { ...AUTO_MACHINE, diskBus } }));
        expect(made.spec).toMatchObject({ image: null, iso: null, diskGib: 0 });
        expect((await listed())?.blocks).toEqual(['It is a disk of metal.']);
        expect(await home.call('disks.list', { guest: 'metal' })).toMatchObject([{ name: 'host', kind: 'host' }]);
        await home.call('guests.start', { guest: 'metal' });
        const line = await talkTo(home, 'metal');
        await line.until(/from the disk of the host/);
        expect(spawnSync('mount', [loop, place]).status).not.toBe(0);
        const detached = made.spec.disks.map((one) => ({ ...one, attached: false }));
        const plan = await home.call('guests.planChange', { guest: 'metal', change: { disks: detached } });
        expect(plan).toMatchObject({ live: [], recreate: ['disks'] });
        await home.call('guests.kill', { guest: 'metal' });
        await expect(home.call('snapshots.take', { guest: 'metal', name: 'then' })).rejects.toMatchObject({
          code: 'unsupported',
          message: /no disk that a snapshot could hold/,
        });
        await home.call('guests.remove', { guest: 'metal' });
      }
      // Nobody wrote to it but us.
      expect(readAt(loop, 0, 512).equals(bootSector('from the disk of the host'))).toBe(true);
    } finally {
      await home.call('guests.remove', { guest: 'metal', force: true }).catch(() => {});
      spawnSync('umount', [place]);
      spawnSync('losetup', ['--detach', loop]);
    }
  });

  it('is refused where it cannot be, and nothing else is taken for it', async () => {
    await expect(create(only('/dev/none-such'))).rejects.toMatchObject({ code: 'not-found' });
    await expect(create(only('/dev/null'))).rejects.toMatchObject({ code: 'not-found' });
    const nothing = { code: 'invalid', message: /something to start from/ };
    await expect(create(only('/dev/null', { disks: [] }))).rejects.toMatchObject(nothing);
    const empty = [disk('a', { sizeGib: 1 })];
    await expect(create(only('', { disks: empty, diskGib: 0 }))).rejects.toMatchObject(nothing);
    const both = create(only('', { disks: [], diskGib: 0, image: 'busybox' }));
    await expect(both).rejects.toMatchObject({ code: 'invalid', message: /has a disk of its own/ });
    expect((await home.call('guests.list', {})).map(({ name }) => name)).not.toContain('metal');
  });
});

/** Debian's package grub-rescue-pc. */
const iso = ['/usr/lib/grub-rescue/grub-rescue-cdrom.iso'].find((path) => existsSync(path));

describe('the CD drive', () => {
  it('gives its medium back and takes another while the machine runs', async (context) => {
    if (!iso) context.skip('no ISO here: package grub-rescue-pc');
    const second = join(home.paths.home, 'second.iso');
    copyFileSync(iso as string, second);
    await home.call('guests.create', {
      draft: { name: 'cd', isolation: 'vm', memoryMib: 128, network: 'none', diskGib: 1, iso: iso as string },
    });
    await home.call('guests.start', { guest: 'cd' });
    const inside = async () => (await home.call('disks.list', { guest: 'cd' })).filter(({ kind }) => kind === 'cd');
    expect(await inside()).toMatchObject([{ name: 'cd', from: iso }]);
    const put = (medium: string) => home.call('guests.update', { guest: 'cd', change: { iso: medium } });
    await put('');
    expect(await inside()).toEqual([]);
    await put(second);
    expect(await inside()).toMatchObject([{ from: second }]);
    await put(iso as string);
    await expect(put(join(home.paths.home, 'none.iso'))).rejects.toMatchObject({ code: 'not-found' });
    expect((await home.guest('cd')).spec.iso).toBe(iso);
    await home.call('guests.kill', { guest: 'cd' });
  });
});

/** Says the words on the serial line, and stands still. */
function bootSector(words: string): Buffer {
  const code = [
    [0xfa, 0xfc, 0x31, 0xc0, 0x8e, 0xd8, 0xbe, 0x40, 0x7c], // cli; cld; ds = 0; si = 0x7c40
    [0xac, 0x84, 0xc0, 0x74, 0x11, 0x88, 0xc4], // lodsb; at 0: stand still; ah = al
    [0xba, 0xfd, 0x03, 0xec, 0xa8, 0x20, 0x74, 0xfb], // until the line status says that it is ready
    [0xb2, 0xf8, 0x88, 0xe0, 0xee, 0xeb, 0xea], // out to the line; the next one
    [0xf4, 0xeb, 0xfd], // hlt
  ].flat();
  const sector = Buffer.alloc(512);
  Buffer.from(code).copy(sector);
  sector.write(`${words}\0`, 0x40);
  sector.writeUInt16BE(0x55aa, 510);
  return sector;
}

function readAt(path: string, at: number, length: number): Buffer {
  const file = openSync(path, 'r');
  const bytes = Buffer.alloc(length);
  readSync(file, bytes, 0, length, at);
  closeSync(file);
  return bytes;
}

function writeAt(path: string, at: number, bytes: Buffer): void {
  const file = openSync(path, 'r+');
  writeSync(file, bytes, 0, bytes.length, at);
  closeSync(file);
}
