/** What a machine has beside its disks, on real QEMU: an identity of its own, and devices that come and go. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUTO_MACHINE } from '../../engine/contract/machine.ts';
import { SOUND_CHANNELS, SOUND_RATE } from '../../engine/contract/sound.ts';
import { INITIAL_CREDIT } from '../../engine/contract/wire.ts';
import type { GuestRecord } from '../../engine/drivers/driver.ts';
import { guestFolder } from '../../engine/host/paths.ts';
import { type EngineHome, makeEngineHome } from '../fixtures/engine.ts';
import { type Machines, makeMachines } from '../fixtures/machines.ts';
import { type Talk, talkTo } from '../fixtures/talk.ts';
import { tinyDisk } from '../fixtures/tiny-media.ts';

let home: EngineHome;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gh-devices-'));
  home = await makeEngineHome();
  await home.call('images.import', { path: tinyDisk(folder), name: 'tiny' });
  await make('box', { image: 'busybox', memoryMib: 128, command: ['sh'] });
  // Its firmware starts a disk that does nothing: what QEMU says of it is looked at.
  await make('own', { image: 'tiny', memoryMib: 64 });
});
afterAll(async () => {
  await home?.end();
  rmSync(folder, { recursive: true, force: true });
});

const make = (name: string, more = {}) =>
  home.call('guests.create', { draft: { name, isolation: 'vm', network: 'none', ...more } });
const start = (guest: string) => home.call('guests.start', { guest });
const stop = (guest: string) => home.call('guests.kill', { guest });
const up = async (name: string): Promise<Talk> => {
  await start(name);
  const shell = await talkTo(home, name);
  await shell.until(/# /);
  return shell;
};
const monitor = (guest: string, line: string) => home.call('guests.monitor', { guest, line });

it('has the processor it is given while it starts, and memory', async (context) => {
  if (availableParallelism() < 2) context.skip('this host has one processor');
  await make('grows', { image: 'busybox', memoryMib: 128, command: ['sh'] });
  const { accelerator } = await start('grows');
  // Its init has not said anything yet.
  await home.call('guests.update', { guest: 'grows', change: { cpus: 2 } });
  const shell = await talkTo(home, 'grows');
  await shell.until(/# /);
  await home.call('guests.update', { guest: 'grows', change: { memoryMib: 256 } });
  const size = async () => {
    const said = await shell.say('echo is:$(nproc):$(free -m | grep -c "Mem: *2"):', /is:\d+:\d+:/);
    return /is:(\d+):(\d+):/.exec(said)?.slice(1);
  };
  await expect.poll(size, { timeout: 60_000 }).toEqual(['2', '1']);
  // One more than ever were ends an emulating QEMU, so none is taken out.
  const plan = await home.call('guests.planChange', { guest: 'grows', change: { cpus: 1 } });
  expect(accelerator === 'tcg' ? plan.recreate : plan.live).toEqual(['cpus']);
  await home.call('guests.kill', { guest: 'grows' });
});

describe('a copy of a machine', () => {
  const ASK = 'echo "is:$(cat /etc/machine-id):$(cat /etc/ssh/ssh_host_ed25519_key.pub):"';
  const answer = async (shell: Talk) => /is:(\w+):(\w+):/.exec(await shell.say(ASK, /is:\w+:\w+:/))?.slice(1) ?? [];
  const identity = async (name: string) =>
    JSON.parse(readFileSync(join(guestFolder(home.paths, (await home.guest(name)).id), 'identity.json'), 'utf8'));

  it('gets a machine id and SSH host keys of its own, once', async () => {
    let shell = await up('box');
    // Stands for the program of that name; a real one takes minutes to install.
    const keygen = '#!/bin/sh\\nfor last; do :; done\\necho fresh >$last; echo fresh >$last.pub\\n';
    await shell.say(
      `mkdir -p /etc/ssh /usr/bin; printf '${keygen}' >/usr/bin/ssh-keygen; chmod +x /usr/bin/ssh-keygen; ` +
        `printf %032d 7 >/etc/machine-id; for f in key key.pub; do echo old >/etc/ssh/ssh_host_ed25519_$f; done; sync; echo wr""ote`,
      /wrote/,
    );
    await stop('box');
    await home.call('snapshots.take', { guest: 'box', name: 'then' });
    await home.call('guests.clone', { guest: 'box', name: 'twin' });
    await home.call('snapshots.branch', { guest: 'box', snapshot: 'then', name: 'twig' });
    await expect(identity('box')).rejects.toMatchObject({ code: 'ENOENT' });
    const kept = await Promise.all(['twin', 'twig'].map(identity));
    expect(kept).toMatchObject([{ isCopy: true }, { isCopy: true }]);
    expect(new Set(kept.map(({ generation }) => generation)).size).toBe(2);

    shell = await up('twin');
    const first = await answer(shell);
    expect(first).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/), 'fresh']);
    expect(first[0]).not.toBe('7'.padStart(32, '0'));
    await shell.say('sync; echo wr""ote', /wrote/);
    await expect.poll(async () => (await identity('twin')).isCopy, { timeout: 20_000 }).toBe(false);
    await stop('twin');
    shell = await up('twin');
    expect(await answer(shell)).toEqual(first);
    await stop('twin');
  });

  it('and one that went back in time are told so by their generation', async () => {
    const generation = async (guest: string) =>
      /[0-9a-f-]{36}/.exec(await monitor(guest, 'info vm-generation-id'))?.[0];
    await start('own');
    const first = await generation('own');
    expect(first).toBeDefined();
    await home.call('guests.suspend', { guest: 'own' });
    await start('own');
    expect(await generation('own')).toBe(first);
    await home.call('snapshots.take', { guest: 'own', name: 'then', memory: true });
    await home.call('snapshots.restore', { guest: 'own', snapshot: 'then' });
    const second = await generation('own');
    expect(second).toMatch(/^[0-9a-f-]{36}$/);
    await stop('own');
    await start('own');
    expect(await generation('own')).toBe(second);
    await stop('own');
    await home.call('guests.clone', { guest: 'own', name: 'other' });
    await start('other');
    const third = await generation('other');
    await home.call('guests.remove', { guest: 'other', force: true });
    expect(new Set([first, second, third]).size).toBe(3);
  });
});

describe('what a machine plays', () => {
  /** Sets the board's timer to a thousand beats a second, lets its speaker follow it, and stands still. */
  const BEEP = [
    [0xfa, 0xb0, 0xb6, 0xe6, 0x43], // cli; channel 2: a square wave
    [0xb0, 0xa9, 0xe6, 0x42, 0xb0, 0x04, 0xe6, 0x42], // of 1193182 / 0x4a9 Hz
    [0xe4, 0x61, 0x0c, 0x03, 0xe6, 0x61], // the speaker on
    [0xf4, 0xeb, 0xfd], // hlt
  ].flat();

  it('is heard by whoever asks, as samples of the tone it is', async () => {
    const path = join(folder, 'beep.raw');
    const sector = Buffer.alloc(1024 * 1024);
    Buffer.from(BEEP).copy(sector);
    sector.writeUInt16BE(0x55aa, 510);
    writeFileSync(path, sector);
    await home.call('images.import', { path, name: 'beep' });
    await make('loud', { image: 'beep', memoryMib: 64, machine: { ...AUTO_MACHINE, sound: 'hda' } });
    await start('loud');
    let heard = Buffer.alloc(0);
    let more: () => void = () => {};
    const stream = await home.sound('loud', (bytes) => {
      heard = Buffer.concat([heard, bytes]);
      stream.grant(bytes.length);
      more();
    });
    expect(stream.opened).toEqual({ rate: SOUND_RATE, channels: SOUND_CHANNELS });
    stream.grant(INITIAL_CREDIT);
    // A second of it, from where it begins: its firmware is silent.
    const left = () => Array.from({ length: Math.floor(heard.length / 4) }, (_, at) => heard.readInt16LE(at * 4));
    const tone = () => {
      const samples = left();
      return samples.slice(
        Math.max(
          0,
          samples.findIndex((sample) => sample !== 0),
        ),
      );
    };
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${heard.length} bytes came, ${tone().length} of a tone`)),
        60_000,
      );
      more = () => {
        if (heard.length < SOUND_RATE * 4 || !left().some((sample) => sample !== 0) || tone().length < SOUND_RATE)
          return;
        clearTimeout(timer);
        resolve();
      };
      more();
    });
    stream.close();
    const samples = tone().slice(0, SOUND_RATE);
    const middle = (Math.max(...samples) + Math.min(...samples)) / 2;
    const turns = samples.filter((sample, at) => at > 0 && sample > middle !== (samples[at - 1] as number) > middle);
    // Two turns for each wave; an emulator that is late leaves some out.
    expect(turns.length).toBeGreaterThan(200);
    expect(turns.length).toBeLessThan(2_500);
    await stop('loud');
    await start('own');
    await expect(home.sound('own', () => {})).rejects.toMatchObject({ code: 'unsupported', message: /no sound card/ });
    await stop('own');
  });
});

describe('a USB device of the host', () => {
  let machines: Machines;
  let root: string;
  // No device is plugged into the host of the tests: a file stands for one, which QEMU itself then refuses.
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const stick = { bus: 'usb', device: '0951:1666' } as const;
  /** Without the addresses, which its firmware gives while this looks. */
  const devices = async (guest: GuestRecord) =>
    (await machines.driver.monitor?.(guest, 'info usb'))?.replace(/Device \d+\.\d+/g, 'Device');
  const update = (guest: GuestRecord, hostDevices: GuestRecord['spec']['hostDevices']) =>
    machines.driver.update?.({ ...guest, spec: { ...guest.spec, hostDevices } }, { hostDevices });

  beforeAll(async () => {
    root = join(folder, 'host');
    const at = 'sys/bus/usb/devices/1-2';
    const facts = {
      busnum: '1',
      devnum: '4',
      idVendor: '0951',
      idProduct: '1666',
      bDeviceClass: '00',
      product: 'Stick',
    };
    for (const [name, text] of Object.entries(facts)) put(`${at}/${name}`, `${text}\n`);
    put('dev/bus/usb/001/004', '');
    machines = await makeMachines(root);
  });
  afterAll(async () => {
    await machines?.end();
  });

  it('comes to a machine that runs, and goes; what QEMU cannot use leaves nothing behind', async () => {
    const absent = { bus: 'usb', device: '1.9' } as const;
    const spec = { image: null, diskGib: 1, memoryMib: 64, hostDevices: [absent] };
    const guest = machines.record(spec, { imageId: null });
    const running = await machines.up(guest);
    expect(running.notes).toContain('The USB device 1.9 is not plugged in.');
    const before = await devices(guest);
    const refused = { code: 'guest-failed', cause: expect.stringMatching(/host usb device|hostdevice|open/i) };
    await expect(update(guest, [stick])).rejects.toMatchObject(refused);
    expect(await devices(guest)).toBe(before);
    const sets = () => machines.driver.monitor?.(guest, 'info qtree').then((tree) => tree.includes('usb-host'));
    expect(await sets()).toBe(false);
    // QEMU's own tablet under the name ours would have: taken out as one of the host's would be.
    await machines.driver.monitor?.(guest, 'device_add usb-tablet,bus=usb.0,id=host-usb-1-4');
    expect(await devices(guest)).toContain('host-usb-1-4');
    await update(guest, []);
    expect(await devices(guest)).toBe(before);
    // Another machine is told who has it, at its start and later, also by an engine that was not there when it was given.
    await machines.driver.monitor?.(guest, 'device_add usb-tablet,bus=usb.0,id=host-usb-1-4');
    await machines.restartEngine();
    await machines.driver.adopt({ ...guest, spec: { ...guest.spec, hostDevices: [stick] } });
    const third = machines.record({ ...spec, hostDevices: [] }, { imageId: null });
    await machines.up(third);
    const taken = {
      code: 'conflict',
      message: expect.stringContaining(`${guest.id} has the USB device 0951:1666 (Stick)`),
    };
    await expect
      .poll(() =>
        update(third, [stick])?.then(
          () => null,
          (error) => error,
        ),
      )
      .toMatchObject(taken);
    await machines.driver.kill(third);
    const second = machines.record({ ...spec, hostDevices: [stick] }, { imageId: null });
    await expect(machines.up(second)).rejects.toMatchObject(taken);
    // From the start on, what cannot be used is said by its name.
    await machines.driver.kill(guest);
    const other = machines.record({ ...spec, hostDevices: [stick] }, { imageId: null });
    await expect(machines.up(other)).rejects.toMatchObject({ subject: join(root, 'dev/bus/usb/001/004') });
  });
});
