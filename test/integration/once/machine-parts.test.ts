/** Parts of a machine that QEMU itself has to show: caches, limits, words of one's own, firmware, a microVM gone back. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DISK_DEFAULTS, type MachineDisk } from '../../../engine/contract/disk.ts';
import { AUTO_MACHINE } from '../../../engine/contract/machine.ts';
import { findFirmware } from '../../../engine/drivers/qemu/hardware/firmware.ts';
import { guestFolder } from '../../../engine/host/paths.ts';
import { findProgram } from '../../../engine/host/tools.ts';
import { type EngineHome, makeEngineHome } from '../../fixtures/engine.ts';
import { until } from '../../fixtures/home.ts';
import { speakingCd, speakingDisk, tinyDisk } from '../../fixtures/tiny-media.ts';

const disk = (name: string, fields: Partial<MachineDisk> = {}): MachineDisk => ({
  ...DISK_DEFAULTS,
  name,
  sizeGib: 0.03125,
  ...fields,
});

let home: EngineHome;
beforeAll(async () => {
  home = await makeEngineHome();
  await home.call('images.import', { path: tinyDisk(home.paths.home), name: 'tiny' });
});
afterAll(() => home?.end());

const make = (name: string, more = {}) =>
  home.call('guests.create', { draft: { name, isolation: 'vm', network: 'none', memoryMib: 64, ...more } });
const start = (guest: string) => home.call('guests.start', { guest });
const monitor = (guest: string, line: string) => home.call('guests.monitor', { guest, line });
const update = (guest: string, change: object) => home.call('guests.update', { guest, change });

describe('a machine with a system of its own', () => {
  it('has the cache each disk was given, and the device it was given in QEMU’s own words', async () => {
    const disks = [disk('careful', { cache: 'none' }), disk('through', { cache: 'writethrough' })];
    const machine = { ...AUTO_MACHINE, extraArgs: ['-device', 'edu'] };
    await make('own', { image: 'tiny', diskOptions: { cache: 'unsafe', discard: true }, disks, machine });
    await start('own');
    const blocks = await monitor('own', 'info block');
    const cacheOf = (name: string) =>
      new RegExp(`Attached to: +\\S*\\b${name}\\b\\S*\\r?\\n +Cache mode: +(.*?)\\r?$`, 'm').exec(blocks)?.[1];
    expect({ careful: cacheOf('disk-careful'), through: cacheOf('disk-through'), root: cacheOf('root') }).toEqual({
      careful: 'writeback, direct',
      through: 'writethrough',
      root: 'writeback, ignore flushes',
    });
    expect(await monitor('own', 'info pci')).toContain('1234:11e8');
  });

  it('has its first disk made larger while it runs, and never smaller', async () => {
    const root = async () =>
      (await home.call('guests.inside', { guest: 'own' })).drives.find(({ name }) => name === 'root');
    const before = await root();
    await update('own', { diskGib: 1 });
    expect(await root()).toMatchObject({ virtualBytes: 1024 ** 3 });
    expect(before?.virtualBytes).toBeLessThan(1024 ** 3);
    expect((await home.call('disks.list', { guest: 'own' }))[0]).toMatchObject({ name: 'root', sizeBytes: 1024 ** 3 });
    await expect(update('own', { diskGib: 0.5 })).rejects.toMatchObject({ code: 'invalid', message: /larger/ });
  });

  it('has snapshots taken by the clock, and the surplus goes, but not what got a name', async () => {
    // Sooner than the window and the command let anybody ask for.
    const tree = () => home.call('snapshots.list', { guest: 'own' });
    await home.call('snapshots.schedule', { guest: 'own', schedule: { everyMs: 1_000, keep: 1, memory: false } });
    const first = await until(async () => (await tree()).snapshots[0], 30_000);
    await home.call('snapshots.change', { guest: 'own', snapshot: first.id, name: first.name, description: 'why' });
    const second = await until(async () => (await tree()).snapshots.find(({ id }) => id !== first.id), 30_000);
    await until(async () => (await tree()).snapshots.every(({ id }) => id !== first.id), 30_000);
    await home.call('snapshots.change', { guest: 'own', snapshot: second.id, name: 'mine' });
    await until(async () => (await tree()).snapshots.length === 2, 30_000);
    await home.call('snapshots.schedule', { guest: 'own', schedule: null });
    // As Activity tells it: nobody asked for these.
    const taken = (await home.call('operations.list', {})).filter(
      (one) => one.verb === 'snapshot' && one.target === 'own',
    );
    expect(taken.length).toBeGreaterThan(1);
    expect(new Set(taken.map(({ asker }) => asker?.by))).toEqual(new Set(['schedule']));
    expect((await tree()).snapshots.map(({ name }) => name)).toContain('mine');
    await home.call('guests.kill', { guest: 'own' });
  });

  it('tells by one clear error of a device that QEMU does not have, and starts without it', async () => {
    const wish = (extraArgs: string[]) => update('own', { machine: { ...AUTO_MACHINE, extraArgs } });
    await wish(['-device', 'nosuch']);
    await expect(start('own')).rejects.toMatchObject({ message: /nosuch/, hint: /\S/ });
    expect((await home.guest('own')).state).toBe('failed');
    await wish([]);
    expect((await start('own')).state).toBe('running');
    await home.call('guests.remove', { guest: 'own', force: true });
  });

  it('starts what is installed on its disk though its CD is in, the CD where there is nothing yet, or where it is asked for', async (context) => {
    if (findProgram('xorriso') === null) context.skip('package xorriso is missing');
    const iso = await speakingCd(home.paths.home, 'from the CD\n');
    await home.call('images.import', { path: speakingDisk(home.paths.home, 'from the disk\n'), name: 'installed' });
    const said = async (name: string, words: string) => {
      const log = join(guestFolder(home.paths, (await home.guest(name)).id), 'serial.log');
      rmSync(log, { force: true });
      await start(name);
      await until(() => existsSync(log) && /from the \w+/.test(readFileSync(log, 'latin1')));
      expect(readFileSync(log, 'latin1')).toContain(words);
      await home.call('guests.kill', { guest: name });
    };
    await make('empty', { iso, diskGib: 1 });
    await said('empty', 'from the CD');
    await make('installed', { image: 'installed', iso });
    await said('installed', 'from the disk');
    await update('installed', { machine: { ...AUTO_MACHINE, cdFirst: true } });
    await said('installed', 'from the CD');
    for (const guest of ['empty', 'installed']) await home.call('guests.remove', { guest, force: true });
  });

  it('has the variables of its firmware go back with a snapshot', async (context) => {
    if ((await findFirmware('x86_64', 'uefi')) === null) context.skip('package ovmf is missing');
    const { id } = await make('efi', { image: 'tiny', memoryMib: 128, machine: { ...AUTO_MACHINE, firmware: 'uefi' } });
    const folder = guestFolder(home.paths, id);
    const file = () => join(folder, readdirSync(folder).find((name) => name.endsWith('.vars.qcow2')) as string);
    const [kept, written] = [join(home.paths.home, 'kept'), join(home.paths.home, 'written')];
    const differ = (path: string) => {
      try {
        execFileSync('qemu-img', ['compare', '-U', '-f', 'qcow2', '-F', 'qcow2', path, file()], { stdio: 'ignore' });
        return false;
      } catch {
        return true;
      }
    };
    const take = (name: string) => home.call('snapshots.take', { guest: 'efi', name });
    const restore = (snapshot: string) => home.call('snapshots.restore', { guest: 'efi', snapshot });
    // Ended before its firmware has come to writing anything.
    await start('efi');
    await home.call('guests.kill', { guest: 'efi' });
    copyFileSync(file(), kept);
    await take('new');
    await start('efi');
    // What it found to boot from: written by the firmware itself. A machine that is paused has all of it in the file.
    await until(async () => {
      await home.call('guests.pause', { guest: 'efi' });
      if (differ(kept)) return true;
      await home.call('guests.resume', { guest: 'efi' });
      return false;
    }, 90_000);
    await home.call('guests.kill', { guest: 'efi' });
    copyFileSync(file(), written);
    await take('known');
    await restore('new');
    expect([differ(kept), differ(written)]).toEqual([false, true]);
    await restore('known');
    expect([differ(kept), differ(written)]).toEqual([true, false]);
    // As it runs, and with its memory.
    await start('efi');
    await home.call('snapshots.take', { guest: 'efi', name: 'live', memory: true });
    await home.call('guests.kill', { guest: 'efi' });
    expect(await restore('live')).toMatchObject({ state: 'running' });
    await home.call('guests.remove', { guest: 'efi', force: true });
  });
});

describe.runIf(process.arch === 'x64')('a microVM', () => {
  const set = (text: string) => home.inside('micro', `echo ${text} | tee /dev/shm/f >/root/f; sync`);
  const get = () => home.inside('micro', 'cat /dev/shm/f /root/f');

  it('keeps to the operations a second that one of its disks has', async () => {
    const io = { readBytesPerSecond: null, writeBytesPerSecond: null, readOpsPerSecond: null, writeOpsPerSecond: 5 };
    const command = ['sleep', '100000'];
    const disks = [disk('slow', { io })];
    await make('micro', { isolation: 'microvm', image: 'busybox', memoryMib: 128, command, disks });
    await start('micro');
    const found = 'for d in /sys/block/vd*; do [ "$(cat $d/serial)" = slow ] && dev=/dev/$(basename $d); done';
    const write =
      'i=0; while [ $i -lt 30 ]; do echo $i | dd of=$dev bs=512 seek=$i conv=fsync 2>/dev/null; i=$((i+1)); done';
    const began = performance.now();
    expect(await home.inside('micro', `${found}; ${write}; echo done`)).toBe('done\n');
    // Thirty at five a second, less what a full bucket lets through at once; without a limit it takes one second.
    expect(performance.now() - began).toBeGreaterThan(4_500);
  });

  // Somebody's shell in it has a line of its own, which its memory knows.
  const openShell = () => home.call('consoles.exec', { guest: 'micro', command: ['sleep', '77777'], tty: true });
  const isOpen = async () => (await home.inside('micro', 'ps -ef | grep -c "sleep 7777[7]"')) === '1\n';

  it('is suspended and goes on where it was, also with a shell open in it, which ends', async () => {
    await openShell();
    await set('first');
    await home.call('guests.suspend', { guest: 'micro' });
    expect(await home.guest('micro')).toMatchObject({ state: 'stopped', suspendedAt: expect.any(Number) });
    await start('micro');
    expect(await get()).toBe('first\nfirst\n');
    await until(async () => !(await isOpen()));
  });

  it('goes back in time with its memory; the shell in it goes on meanwhile', async () => {
    const shell = await openShell();
    await home.call('snapshots.take', { guest: 'micro', name: 'then', memory: true });
    await set('second');
    expect(await get()).toBe('second\nsecond\n');
    expect(await isOpen()).toBe(true);
    expect((await home.call('consoles.list', { guest: 'micro' })).map(({ id }) => id)).toContain(shell.id);
    expect(await home.call('snapshots.restore', { guest: 'micro', snapshot: 'then' })).toMatchObject({
      state: 'running',
    });
    expect(await get()).toBe('first\nfirst\n');
    await until(async () => !(await isOpen()));
  });

  it('has the right time again after it stood still', async () => {
    const year = async () => Number(await home.inside('micro', 'date +%Y'));
    await home.inside('micro', 'date -s @1000000');
    expect(await year()).toBe(1970);
    await home.call('guests.pause', { guest: 'micro' });
    await home.call('guests.resume', { guest: 'micro' });
    await until(async () => (await year()) > 2020);
    await home.inside('micro', 'date -s @1000000');
    await home.call('guests.suspend', { guest: 'micro' });
    await start('micro');
    await until(async () => (await year()) > 2020);
  });
});
