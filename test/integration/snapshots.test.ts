/** Snapshots of machines with real QEMU: taken while it runs or not, gone back to, branched from, merged; suspended. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DISK_DEFAULTS } from '../../engine/contract/disk.ts';
import { guestFolder } from '../../engine/host/paths.ts';
import { type EngineHome, makeEngineHome } from '../fixtures/engine.ts';
import { type Talk, talkTo } from '../fixtures/talk.ts';

let home: EngineHome;
const make = (name: string, more = {}) =>
  home.call('guests.create', {
    draft: {
      name,
      isolation: 'vm',
      image: 'busybox',
      memoryMib: 128,
      network: 'none',
      command: ['sh'],
      disks: [{ ...DISK_DEFAULTS, name: 'data', sizeGib: 0.0625 }],
      ...more,
    },
  });
const up = async (name: string): Promise<Talk> => {
  await home.call('guests.start', { guest: name });
  const shell = await talkTo(home, name);
  await shell.until(/# /);
  return shell;
};
const tree = (guest = 'box') => home.call('snapshots.list', { guest });
const take = (name: string, more = {}) => home.call('snapshots.take', { guest: 'box', name, ...more });
const restore = (snapshot: string, more = {}) => home.call('snapshots.restore', { guest: 'box', snapshot, ...more });
const files = async (name = 'box') => readdirSync(guestFolder(home.paths, (await home.guest(name)).id)).sort();
/** What is in the file, and what is on the data disk. */
const WRITE = (text: string) =>
  `echo ${text} > /root/f; d=$(for b in /sys/block/vd*; do [ "$(cat $b/serial)" = data ] && basename $b; done); echo ${text} > /dev/$d; sync; echo wr""ote`;
const READ = `d=$(for b in /sys/block/vd*; do [ "$(cat $b/serial)" = data ] && basename $b; done); echo is:$(cat /root/f):$(head -n1 /dev/$d):`;

/** As its own system sees it. */
const size = async (shell: Talk) => {
  const said = await shell.say('echo size:$(nproc):$(grep MemTotal /proc/meminfo | tr -dc 0-9):', /size:\d+:\d+:/);
  const [, cpus, kib] = [...said.matchAll(/size:(\d+):(\d+):/g)].at(-1) ?? [];
  return { cpus: Number(cpus), mib: Math.round(Number(kib) / 1024) };
};

beforeAll(async () => {
  home = await makeEngineHome();
  await make('box');
});
afterAll(async () => {
  await home?.end();
});

describe('a machine', () => {
  it('goes back to what it was, on all its disks, and forward again', async () => {
    let shell = await up('box');
    await shell.say(WRITE('first'), /wrote/);
    await home.call('guests.stop', { guest: 'box' });
    const one = await take('one', { description: 'as it was' });
    expect(one).toMatchObject({ parent: null, state: 'stopped', memory: false, leftOut: [] });
    shell = await up('box');
    await shell.say(WRITE('second'), /wrote/);
    const two = await take('two');
    expect(two).toMatchObject({ parent: one.id, state: 'running', memory: false });
    await shell.say(WRITE('third'), /wrote/);
    expect(await shell.say(READ, /is:\w*:\w*:/)).toMatch(/is:third:third:/);
    expect(await tree()).toMatchObject({ current: two.id, snapshots: [{ id: one.id }, { id: two.id }] });

    expect(await restore('one')).toMatchObject({ state: 'stopped' });
    shell = await up('box');
    expect(await shell.say(READ, /is:\w*:\w*:/)).toMatch(/is:first:first:/);
    expect(await restore('two', { start: true })).toMatchObject({ state: 'running' });
    shell = await talkTo(home, 'box');
    await shell.until(/# /);
    expect(await shell.say(READ, /is:\w*:\w*:/)).toMatch(/is:second:second:/);
    await restore('one');
    const three = await take('three');
    expect(three.parent).toBe(one.id);
  });

  it('goes on where it was, with its memory, as often as one likes, and with what it grew by', async () => {
    const shell = await up('box');
    const before = await size(shell);
    expect(before.cpus).toBe(1);
    await home.call('guests.update', { guest: 'box', change: { cpus: 2, memoryMib: 384 } });
    await expect.poll(() => size(shell), { timeout: 60_000 }).toEqual({ cpus: 2, mib: before.mib + 256 });
    await shell.say(WRITE('kept'), /wrote/);
    await shell.say('secret=in-memory; echo s""et', /set/);
    const began = performance.now();
    const made = await take('alive', { memory: true });
    console.log(`took ${performance.now() - began} ms, ${made.bytes} bytes`);
    expect(made).toMatchObject({ memory: true, state: 'running' });
    await shell.say(`${WRITE('later')}; secret=gone`, /wrote/);
    for (let round = 0; round < 2; round++) {
      const at = performance.now();
      expect(await restore('alive')).toMatchObject({ state: 'running' });
      const again = await talkTo(home, 'box');
      expect(await again.say('echo say:$secret:', /say:[\w-]+:/)).toMatch(/say:in-memory:/);
      console.log(`restored in ${performance.now() - at} ms`);
      expect(await again.say(READ, /is:\w*:\w*:/)).toMatch(/is:kept:kept:/);
      expect(await size(again)).toEqual({ cpus: 2, mib: before.mib + 256 });
      if (round === 0) {
        // An emulated processor is not taken out again.
        const cpus = (await home.guest('box')).accelerator === 'tcg' ? 2 : 1;
        await home.call('guests.update', { guest: 'box', change: { cpus, memoryMib: 256 } });
        await expect.poll(() => size(again), { timeout: 60_000 }).toEqual({ cpus, mib: before.mib + 128 });
        const less = { memoryMib: 64 };
        expect(await home.call('guests.planChange', { guest: 'box', change: less })).toMatchObject({
          live: [],
          recreate: ['memoryMib'],
        });
      }
      await again.say(`${WRITE('lost')}; secret=lost`, /wrote/);
    }
    await home.call('guests.stop', { guest: 'box' });
  });

  it('is suspended and goes on, also in the next engine', async () => {
    const shell = await up('box');
    await shell.say('secret=asleep; echo s""et', /set/);
    expect(await home.call('guests.suspend', { guest: 'box' })).toMatchObject({
      state: 'stopped',
      suspendedAt: expect.any(Number),
    });
    await expect(take('asleep')).rejects.toMatchObject({ code: 'wrong-state' });
    const change = { memoryMib: 256 };
    await expect(home.call('guests.update', { guest: 'box', change })).rejects.toMatchObject({ code: 'wrong-state' });
    await home.close();
    await home.open();
    expect((await home.guest('box')).suspendedAt).toBeDefined();
    await home.call('guests.start', { guest: 'box' });
    const again = await talkTo(home, 'box');
    expect(await again.say('echo say:$secret:', /say:[\w-]+:/)).toMatch(/say:asleep:/);
    expect((await home.guest('box')).suspendedAt).toBeUndefined();
    expect(await files()).not.toContain('suspended');
    // Its memory came back with the device by which it says how it is off for memory.
    const own = async () => (await home.call('guests.inside', { guest: 'box' })).memory.guest;
    await expect.poll(own, { timeout: 40_000 }).not.toBeNull();

    await home.call('guests.suspend', { guest: 'box' });
    expect((await home.call('guests.stop', { guest: 'box' })).suspendedAt).toBeUndefined();
    expect(await files()).not.toContain('suspended');
  });

  it('is branched from, and the new one does not know what became of the first', async () => {
    const made = await home.call('snapshots.branch', { guest: 'box', snapshot: 'two', name: 'twig' });
    expect(made.spec.disks).toHaveLength(1);
    const shell = await up('twig');
    expect(await shell.say(READ, /is:\w*:\w*:/)).toMatch(/is:second:second:/);
    await shell.say(WRITE('twig'), /wrote/);
    await home.call('guests.stop', { guest: 'twig' });
  });

  it('loses nothing but the way back when snapshots are removed, as it runs and as it does not', async () => {
    await restore('two');
    let shell = await up('box');
    await shell.say(WRITE('newest'), /wrote/);
    const three = await take('newest');
    await shell.say(WRITE('after'), /wrote/);
    // A disk that was frozen as it ran is taken out and put in again.
    const { spec } = await home.guest('box');
    for (const attached of [false, true]) {
      const disks = spec.disks.map((disk) => ({ ...disk, attached }));
      await home.call('guests.update', { guest: 'box', change: { disks } });
    }
    await shell.say('until grep -q data /sys/block/vd*/serial; do sleep 1; done; echo ba""ck', /back/);
    const removed = await home.call('snapshots.remove', { guest: 'box', snapshot: 'newest' });
    expect(removed.afterBytes).toBeLessThan(removed.beforeBytes);
    expect((await files()).filter((name) => name.includes(three.id))).toEqual([]);
    expect(await shell.say(READ, /is:\w*:\w*:/)).toMatch(/is:after:after:/);
    await home.call('guests.stop', { guest: 'box' });
    for (const name of ['one', 'three', 'alive', 'two'])
      await home.call('snapshots.remove', { guest: 'box', snapshot: name });
    expect(await tree()).toMatchObject({ snapshots: [], current: null });
    shell = await up('box');
    expect(await shell.say(READ, /is:\w*:\w*:/)).toMatch(/is:after:after:/);
    await home.call('guests.stop', { guest: 'box' });

    const twig = await up('twig');
    expect(await twig.say(READ, /is:\w*:\w*:/)).toMatch(/is:twig:twig:/);
    await home.call('guests.stop', { guest: 'twig' });
    expect(existsSync(join(guestFolder(home.paths, (await home.guest('twig')).id), 'layers.json'))).toBe(true);
  });
});
