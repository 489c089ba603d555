/** Volume groups and encrypted volumes, opened through a real rescue machine. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DISK_DEFAULTS } from '../../../engine/contract/disk.ts';
import type { Guest } from '../../../engine/contract/guest.ts';
import { INITIAL_CREDIT } from '../../../engine/contract/wire.ts';
import { guestFolder } from '../../../engine/host/paths.ts';
import { detachedLuks2, luks2, makeEncryptedDisk, PASSPHRASE, writePartitions } from '../../fixtures/encrypted-disk.ts';
import { type EngineHome, makeEngineHome } from '../../fixtures/engine.ts';
import { until } from '../../fixtures/home.ts';
import { makeSpreadDisks } from '../../fixtures/spread-group.ts';
import { makeGroupedDisk } from '../../fixtures/volume-group.ts';

let home: EngineHome;

const digest = ({ id }: Guest) =>
  createHash('sha256')
    .update(readFileSync(join(guestFolder(home.paths, id), 'disk.qcow2')))
    .digest('hex');

/** Programs of ours that derive a key just now. */
const derivations = () =>
  readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && /rescue\/derive\/main/.test(readFileSync(`/proc/${pid}/cmdline`, 'latin1'));
    } catch {
      return false;
    }
  });

beforeAll(async () => {
  home = await makeEngineHome();
  mkdirSync(join(home.paths.home, 'made'));
});
afterAll(() => home?.end());

describe('a system on LVM', () => {
  it('is put together and opened, reading and writing, and every byte of the disk stays when read', async () => {
    const guest = 'grouped';
    const { path, md5 } = makeGroupedDisk(join(home.paths.home, 'made'));
    await home.call('images.import', { path, name: 'groupix' });
    const grouped = await home.call('guests.create', {
      draft: { name: guest, isolation: 'vm', image: 'groupix', memoryMib: 128, network: 'none' },
    });
    try {
      const made = digest(grouped);
      await home.call('rescue.open', { guest, write: true });
      await home.copyIn(guest, '/home/ann/new', Buffer.from('kept'));
      await home.call('rescue.close', { guest });
      const before = digest(grouped);
      expect(before).not.toBe(made);

      const { fileSystems, root } = await home.call('rescue.open', { guest });
      expect(fileSystems).toMatchObject([
        {
          device: 'vda1',
          disk: 'root',
          type: 'lvm',
          opened: false,
          note: 'It is a part of the volume group vg-gh (LVM).',
        },
        { device: 'dm-0', disk: 'vg--gh-root', type: 'ext4', label: 'root', system: 'Groupix 3', opened: true },
        { device: 'dm-1', disk: 'vg--gh-home--data', type: 'ext4', label: 'home-data', opened: true },
      ]);
      expect(root).toBe('dm-0');
      // Both are where the system's fstab wants them.
      expect((await home.copyOut(guest, '/home/ann/note')).toString()).toBe('at home\n');
      expect((await home.copyOut(guest, '/home/ann/new')).toString()).toBe('kept');
      const shell = await home.call('rescue.shell', { guest });
      let said = '';
      const stream = await home.session(shell.id, (bytes) => (said += Buffer.from(bytes)));
      stream.grant(INITIAL_CREDIT);
      await until(() => /rescue:.*[#$] /.test(said), 120_000);
      stream.bytes(Buffer.from('md5sum var/blob; echo d""one\n'));
      await until(() => /done/.test(said), 120_000);
      expect(said).toContain(md5);
      await home.call('rescue.close', { guest });
      expect(digest(grouped)).toBe(before);
    } finally {
      await home.call('rescue.close', { guest });
    }
  });
});

describe('a system on LVM over two disks', () => {
  const named = 'spread';

  it('is put together of both, also what lies in stripes, and tells of a disk that is not there', async () => {
    const { paths, md5 } = makeSpreadDisks(join(home.paths.home, 'made'));
    for (const [n, path] of paths.entries()) await home.call('images.import', { path, name: `spread${n}` });
    const second = { ...DISK_DEFAULTS, name: 'second', from: 'spread1' };
    const draft = { name: named, isolation: 'vm', image: 'spread0', memoryMib: 128, network: 'none' } as const;
    await home.call('guests.create', { draft: { ...draft, disks: [second] } });
    await home.call('guests.create', { draft: { ...draft, name: 'half' } });
    try {
      const { fileSystems, root } = await home.call('rescue.open', { guest: named });
      const part = { type: 'lvm', opened: false, note: 'It is a part of the volume group vg-two (LVM).' };
      expect(fileSystems).toMatchObject([
        { device: 'vda1', disk: 'root', ...part },
        { device: 'vdb1', disk: 'second', ...part },
        { device: 'dm-0', disk: 'vg--two-root', system: 'Spreadix 1', opened: true },
        { device: 'dm-1', disk: 'vg--two-striped', label: 'spread-srv', opened: true },
      ]);
      expect(root).toBe('dm-0');
      const browsed = (await home.call('files.list', { guest: named, path: '/srv' })).entries;
      expect(browsed.find(({ name }) => name === 'blob')).toMatchObject({ sizeBytes: 10 * 1024 ** 2 });
      for (const [n, path] of ['/var/blob', '/srv/blob'].entries()) {
        const bytes = await home.copyOut(named, path);
        expect(createHash('md5').update(bytes).digest('hex')).toBe(md5[n]);
      }
      await home.call('rescue.close', { guest: named });

      const half = await home.call('rescue.open', { guest: 'half' });
      expect(half.root).toBeNull();
      expect(half.fileSystems).toMatchObject([
        { device: 'vda1', note: expect.stringContaining('root (a part of it is on a disk that is not here)') },
      ]);
    } finally {
      for (const guest of [named, 'half']) await home.call('rescue.close', { guest });
    }
  });
});

describe('an encrypted system', () => {
  it('is opened by its passphrase and by no other, with the volume group in it, reading and writing', async () => {
    const guest = 'sealed';
    const path = makeEncryptedDisk(join(home.paths.home, 'made'));
    await home.call('images.import', { path, name: 'sealix' });
    const sealed = await home.call('guests.create', {
      draft: { name: guest, isolation: 'vm', image: 'sealix', memoryMib: 128, network: 'none' },
    });
    const unlock = (device: string, passphrase = PASSPHRASE) =>
      home.call('rescue.unlock', { guest, device, passphrase });
    try {
      await expect(unlock('vda1')).rejects.toMatchObject({ code: 'wrong-state' });
      const made = digest(sealed);
      await home.call('rescue.open', { guest, write: true });
      await unlock('vda1');
      await home.copyIn(guest, '/home/ann/new', Buffer.from('kept'));
      await home.call('rescue.close', { guest });
      const before = digest(sealed);
      expect(before).not.toBe(made);

      const { fileSystems, root } = await home.call('rescue.open', { guest });
      expect(root).toBeNull();
      const closed = { type: 'luks', opened: false, locked: true, note: expect.stringContaining('passphrase') };
      expect(fileSystems).toMatchObject([
        { device: 'vda1', ...closed },
        { device: 'vda2', ...closed },
      ]);
      await expect(unlock('vda1', 'another')).rejects.toMatchObject({ code: 'denied', subject: 'vda1' });
      await expect(unlock('vdz')).rejects.toMatchObject({ code: 'not-found', hint: 'There are: vda1, vda2.' });
      const first = await unlock('vda1');
      expect(first.root).toBe('dm-1');
      expect(first.fileSystems).toMatchObject([
        { device: 'vda1', type: 'luks', opened: false, note: 'It is encrypted (LUKS), and open as dm-0.' },
        { device: 'vda2', ...closed },
        { device: 'dm-0', disk: 'luks-vda1', type: 'lvm', note: 'It is a part of the volume group vg-gh (LVM).' },
        { device: 'dm-1', disk: 'vg--gh-root', system: 'Groupix 3', opened: true },
        { device: 'dm-2', disk: 'vg--gh-home--data', opened: true },
      ]);
      expect((await home.guest(guest)).rescue?.root).toBe('dm-1');
      await expect(unlock('vda1')).rejects.toMatchObject({ code: 'not-found', hint: 'There are: vda2.' });
      expect((await home.copyOut(guest, '/home/ann/note')).toString()).toBe('at home\n');
      expect((await home.copyOut(guest, '/home/ann/new')).toString()).toBe('kept');
      // Version 1, beside it; what is shown stays.
      const both = await unlock('vda2');
      expect(both.root).toBe('dm-1');
      expect(both.fileSystems).toContainEqual(
        expect.objectContaining({ device: 'dm-3', type: 'ext4', label: 'vault', opened: true }),
      );
      await home.call('rescue.close', { guest });
      expect(digest(sealed)).toBe(before);
    } finally {
      await home.call('rescue.close', { guest });
    }
  });

  it('whose header is on another disk is named as that, and no passphrase asked for', async () => {
    const guest = 'detached';
    const made = detachedLuks2(Buffer.alloc(4 * 1024 ** 2));
    for (const part of ['header', 'data'] as const) {
      const path = join(home.paths.home, 'made', `${part}.raw`);
      writePartitions(path, [made[part]]);
      await home.call('images.import', { path, name: part });
    }
    const disks = [{ ...DISK_DEFAULTS, name: 'vault', from: 'data' }];
    await home.call('guests.create', {
      draft: { name: guest, isolation: 'vm', image: 'header', memoryMib: 128, network: 'none', disks },
    });
    try {
      const { fileSystems } = await home.call('rescue.open', { guest });
      expect(fileSystems).toEqual([
        expect.objectContaining({ device: 'vda1', type: 'luks', note: expect.stringContaining('a detached one') }),
        expect.objectContaining({
          device: 'vdb1',
          type: null,
          note: expect.stringContaining('a detached LUKS header'),
        }),
      ]);
      expect(fileSystems[0]).not.toHaveProperty('locked');
      await expect(home.call('rescue.unlock', { guest, device: 'vda1', passphrase: PASSPHRASE })).rejects.toMatchObject(
        {
          code: 'unsupported',
          hint: expect.stringContaining('cryptsetup open --header'),
        },
      );
    } finally {
      await home.call('rescue.close', { guest });
    }
  });

  it('is let go of at once while a passphrase is worked on', async () => {
    const guest = 'slow';
    const path = join(home.paths.home, 'made', 'slow.raw');
    // 128 GiB of memory to go through: minutes.
    writePartitions(path, [luks2(Buffer.alloc(4096), { passes: 2000, memoryKib: 64 * 1024 })]);
    await home.call('images.import', { path, name: 'slow' });
    await home.call('guests.create', {
      draft: { name: guest, isolation: 'vm', image: 'slow', memoryMib: 128, network: 'none' },
    });
    try {
      await home.call('rescue.open', { guest });
      const unlocking = home.call('rescue.unlock', { guest, device: 'vda1', passphrase: PASSPHRASE });
      unlocking.catch(() => {});
      await until(() => derivations().length > 0, 60_000);
      const running = (await home.call('operations.list', {})).find(({ state }) => state === 'running');
      const at = performance.now();
      await home.call('operations.cancel', { operation: running?.id as string });
      await expect(unlocking).rejects.toMatchObject({ code: 'cancelled' });
      expect(performance.now() - at).toBeLessThan(3000);
      expect(derivations()).toEqual([]);
      // And it is open still.
      expect((await home.guest(guest)).rescue).toBeDefined();
    } finally {
      await home.call('rescue.close', { guest });
    }
  });
});
