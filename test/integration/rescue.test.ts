/** The disks of a machine that does not start, through a real rescue machine. As root and as an ordinary user. */
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DISK_DEFAULTS } from '../../engine/contract/disk.ts';
import type { Guest } from '../../engine/contract/guest.ts';
import { INITIAL_CREDIT } from '../../engine/contract/wire.ts';
import { guestFolder, guestRunFolder } from '../../engine/host/paths.ts';
import { type EngineHome, makeEngineHome } from '../fixtures/engine.ts';
import { until } from '../fixtures/home.ts';
import { makePartitionedDisk } from '../fixtures/partitioned-disk.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHZ0Zz0xMjM0 ann@desk';
const guest = 'broken';
let home: EngineHome;
let broken: Guest;

const disk = ({ id } = broken) => join(guestFolder(home.paths, id), 'disk.qcow2');
const digest = (of = broken) =>
  createHash('sha256')
    .update(readFileSync(disk(of)))
    .digest('hex');
const textOf = async (path: string) => (await home.copyOut(guest, path)).toString();
/** QEMUs whose working folder is the rescue's. */
const running = () =>
  readdirSync('/proc').filter((pid) => {
    try {
      return (
        /^\d+$/.test(pid) &&
        execFileSync('readlink', [`/proc/${pid}/cwd`], { encoding: 'utf8' }).includes(`${broken.id}.r/`)
      );
    } catch {
      return false;
    }
  });

beforeAll(async () => {
  home = await makeEngineHome();
  const folder = join(home.paths.home, 'made');
  mkdirSync(folder);
  await home.call('images.import', { path: makePartitionedDisk(folder), name: 'testix' });
  const disks = [{ ...DISK_DEFAULTS, name: 'more', sizeGib: 0.0625 }];
  broken = await home.call('guests.create', {
    draft: { name: guest, isolation: 'vm', image: 'testix', memoryMib: 128, network: 'none', disks },
  });
});
afterEach(() => home.call('rescue.close', { guest }));
afterAll(() => home?.end());

describe('reading', () => {
  it('shows what is on the disks, puts the system together, and leaves every byte as it was', async () => {
    const before = digest();
    const { fileSystems, root, write } = await home.call('rescue.open', { guest });
    expect({ root, write }).toEqual({ root: 'vda1', write: false });
    expect(fileSystems).toMatchObject([
      { device: 'vda1', disk: 'root', type: 'ext4', label: 'root', system: 'Testix 7 (broken)', opened: true },
      { device: 'vda2', disk: 'root', type: 'ext4', label: 'boot', system: null, opened: true },
      { device: 'vda3', disk: 'root', type: 'luks', opened: false, note: expect.stringContaining('encrypted') },
      { device: 'vdb', disk: 'more', type: null, opened: false },
    ]);
    expect((await home.guest(guest)).rescue?.root).toBe('vda1');

    const { entries } = await home.call('files.list', { guest, path: '/etc' });
    expect(entries.map(({ name }) => name)).toEqual(expect.arrayContaining(['fstab', 'passwd', 'shadow']));
    // Below its root is what the system's own fstab says.
    expect(await textOf('/boot/vmlinuz')).toBe('no kernel');
    // Links lead where they lead in the guest.
    expect(await textOf('/out')).toBe('broken\n');
    expect((await home.call('files.list', { guest, path: '/to-etc' })).path).toBe('/etc');
    expect(await home.call('rescue.users', { guest })).toMatchObject([
      { name: 'root', password: 'locked' },
      { name: 'ann', home: '/home/ann', password: 'locked' },
    ]);
    expect((await home.call('rescue.logs', { guest })).map(({ name }) => name)).toEqual(['/var/log/syslog']);
    const { text } = await home.call('rescue.log', { guest, name: '/var/log/syslog', lines: 1 });
    expect(text).toBe('kernel: VFS: Unable to mount root fs\n');

    await expect(home.copyIn(guest, '/etc/motd', Buffer.from('x'))).rejects.toMatchObject({ code: 'denied' });
    await expect(home.call('files.remove', { guest, path: '/etc/fstab' })).rejects.toMatchObject({ code: 'denied' });
    await expect(home.call('rescue.setPassword', { guest, user: 'ann', password: 'x' })).rejects.toMatchObject({
      code: 'wrong-state',
      hint: expect.stringContaining('writing'),
    });
    await expect(home.copyOut(guest, '/nope')).rejects.toMatchObject({ code: 'not-found' });

    const shell = await home.call('rescue.shell', { guest });
    let said = '';
    let isOver = false;
    const stream = await home.session(
      shell.id,
      (bytes) => (said += Buffer.from(bytes)),
      () => (isOver = true),
    );
    stream.grant(INITIAL_CREDIT);
    await until(() => /rescue:.*[#$] /.test(said), 120_000);
    stream.bytes(Buffer.from('cat etc/hostname; touch etc/new || echo re"fus"ed; exit\n'));
    await until(() => isOver, 120_000);
    expect(said).toMatch(/broken\r\n/);
    expect(said).toMatch(/refused/);

    await home.call('rescue.close', { guest });
    expect((await home.guest(guest)).rescue).toBeUndefined();
    expect(digest()).toBe(before);
    expect(running()).toEqual([]);
    expect(existsSync(`${guestRunFolder(home.paths, broken.id)}.r`)).toBe(false);
    expect(readdirSync(guestFolder(home.paths, broken.id)).filter((name) => name.startsWith('rescue'))).toEqual([]);
  });

  it('has the disks to itself: no start, no other change, and no second one', async () => {
    await home.call('rescue.open', { guest });
    const refused = { code: 'wrong-state', hint: expect.stringContaining('rescue close') };
    await expect(home.call('guests.start', { guest })).rejects.toMatchObject(refused);
    await expect(home.call('disks.compact', { guest, disk: 'root' })).rejects.toMatchObject(refused);
    await expect(home.call('guests.clone', { guest, name: 'other' })).rejects.toMatchObject(refused);
    await expect(home.call('guests.update', { guest, change: { diskGib: 1 } })).rejects.toMatchObject(refused);
    await expect(home.call('rescue.open', { guest })).rejects.toMatchObject({ code: 'wrong-state' });
    expect((await home.guest(guest)).state).toBe('stopped');
  });

  it('ends with the engine', async () => {
    await home.call('rescue.open', { guest });
    expect(running().length).toBeGreaterThan(0);
    await home.close();
    expect(running()).toEqual([]);
    await home.open();
    expect((await home.guest(guest)).rescue).toBeUndefined();
    await expect(home.call('files.list', { guest, path: '/' })).rejects.toMatchObject({ code: 'wrong-state' });
  });

  it('is refused of a container, of a running machine, and of what is not there', async () => {
    await home.up('box', 'sleep 100');
    await expect(home.call('rescue.open', { guest: 'box' })).rejects.toMatchObject({ code: 'unsupported' });
    await expect(home.call('rescue.open', { guest, root: 'vdz' })).rejects.toMatchObject({ code: 'not-found' });
    expect((await home.guest(guest)).rescue).toBeUndefined();
    await home.call('guests.start', { guest });
    await expect(home.call('rescue.open', { guest })).rejects.toMatchObject({ code: 'wrong-state' });
    await home.call('guests.kill', { guest });
  });
});

describe('writing', () => {
  it('lets somebody in again, and takes files in and out', async () => {
    await home.call('rescue.open', { guest, write: true });
    await home.call('rescue.setPassword', { guest, user: 'ann', password: "it's new" });
    await home.call('rescue.addKey', { guest, user: 'ann', key: KEY });
    await expect(home.call('rescue.setPassword', { guest, user: 'bob', password: 'x' })).rejects.toMatchObject({
      code: 'not-found',
    });
    const bytes = randomBytes(3_000_000);
    await home.copyIn(guest, '/root/blob', bytes);
    await home.call('files.makeFolder', { guest, path: '/srv' });
    await home.call('files.rename', { guest, path: '/etc/hostname', to: '/srv/hostname' });
    await home.call('rescue.close', { guest });

    await home.call('rescue.open', { guest });
    const shadow = await textOf('/etc/shadow');
    const [, method, salt] = /^ann:\$(6)\$([^$]+)\$/m.exec(shadow) ?? [];
    expect(method).toBe('6');
    const hash = execFileSync('openssl', ['passwd', '-6', '-salt', salt as string, "it's new"], { encoding: 'utf8' });
    expect(shadow).toContain(`ann:${hash.trim()}:`);
    expect(shadow).toContain('root:*:19000');
    expect(await textOf('/etc/shadow-')).toContain('ann:!:');
    const [file] = (await home.call('files.list', { guest, path: '/home/ann/.ssh' })).entries;
    expect(file).toMatchObject({ name: 'authorized_keys', mode: 0o600, uid: 1000, gid: 1000 });
    expect(await textOf('/home/ann/.ssh/authorized_keys')).toBe(`${KEY}\n`);
    expect((await home.copyOut(guest, '/root/blob')).equals(bytes)).toBe(true);
    expect(await textOf('/srv/hostname')).toBe('broken\n');
    const etc = (await home.call('files.list', { guest, path: '/etc' })).entries;
    expect(etc.find(({ name }) => name === 'shadow')).toMatchObject({ mode: 0o640 });
  });
});
