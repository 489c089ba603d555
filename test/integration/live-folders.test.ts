/** Shared folders of a machine that come and go while it runs, on real QEMU and virtiofsd. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AUTO_MACHINE } from '../../engine/contract/machine.ts';
import type { RunRecord } from '../../engine/drivers/qemu/run-record.ts';
import { guestRunFolder } from '../../engine/host/paths.ts';
import { isAlive, signalProcess } from '../../engine/host/process-ref.ts';
import { type EngineHome, makeEngineHome } from '../fixtures/engine.ts';
import { type Talk, talkTo } from '../fixtures/talk.ts';
import { tinyDisk } from '../fixtures/tiny-media.ts';

const READY = { ...AUTO_MACHINE, sharedMemory: true };

let home: EngineHome;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gh-folders-'));
  home = await makeEngineHome();
});
afterAll(async () => {
  await home?.end();
  rmSync(folder, { recursive: true, force: true });
});

const hostFolder = (name: string): string => {
  const path = join(folder, name);
  mkdirSync(path);
  writeFileSync(join(path, 'file'), `${name}, from the host\n`);
  return path;
};
const mount = (source: string, target: string, readOnly = false) => ({ source, target, readOnly });
const make = (name: string, more = {}) =>
  home.call('guests.create', {
    draft: {
      name,
      isolation: 'vm',
      image: 'busybox',
      memoryMib: 128,
      network: 'none',
      command: ['sh'],
      stopGraceMs: 1000,
      ...more,
    },
  });
const share = (guest: string, mounts: ReturnType<typeof mount>[], recreate = false) =>
  home.call('guests.update', { guest, change: { mounts }, ...(recreate ? { recreate } : {}) });
const up = async (guest: string): Promise<Talk> => {
  await home.call('guests.start', { guest });
  const shell = await talkTo(home, guest);
  await shell.until(/# /);
  return shell;
};
const shares = async (name: string) => {
  const record = join(guestRunFolder(home.paths, (await home.guest(name)).id), 'run.json');
  return (JSON.parse(readFileSync(record, 'utf8')) as RunRecord).shares ?? [];
};

it('come and go, are seen from both sides, and are there after a restart', async () => {
  const [first, second] = [hostFolder('first'), hostFolder('second')];
  await make('box', { mounts: [mount(first, '/begun')] });
  let shell = await up('box');
  const change = { mounts: [mount(first, '/begun'), mount(second, '/srv/my data'), mount(first, '/look', true)] };
  expect(await home.call('guests.planChange', { guest: 'box', change })).toMatchObject({
    live: ['mounts'],
    recreate: [],
  });
  await share('box', change.mounts);
  expect(await home.inside('box', 'cat "/srv/my data/file" /look/file; echo b""ack >"/srv/my data/back"')).toBe(
    'second, from the host\nfirst, from the host\n',
  );
  expect(readFileSync(join(second, 'back'), 'utf8')).toBe('back\n');
  await home.inside('box', 'mount -o remount,rw /look; touch /look/new');
  expect(existsSync(join(first, 'new'))).toBe(false);

  // One that was there from the start goes as well, in an engine that did not start it.
  await home.close();
  await home.open();
  const [begun] = await shares('box');
  await share('box', change.mounts.slice(1));
  expect(await home.inside('box', 'ls /begun; grep -c virtiofs /proc/mounts')).toBe('2\n');
  expect(isAlive((begun as NonNullable<typeof begun>).process)).toBe(false);

  // What is in use stays, with what was asked for beside it taken back.
  shell = await talkTo(home, 'box');
  await shell.say('cd "/srv/my data"; echo th""ere', /there/);
  const busy = share('box', [mount(second, '/other')]);
  await expect(busy).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringMatching(/still uses .*my data/),
  });
  expect((await home.guest('box')).spec.mounts).toEqual(change.mounts.slice(1));
  expect(await home.inside('box', 'cat "/srv/my data/file" /look/file')).toMatch(/second.*\nfirst/);

  await home.call('guests.restart', { guest: 'box' });
  await expect
    .poll(() => home.inside('box', 'grep -c virtiofs /proc/mounts; cat /look/file'), { timeout: 60_000 })
    .toBe('2\nfirst, from the host\n');
  const programs = (await shares('box')).map(({ process }) => process);
  expect(programs).toHaveLength(2);
  await share('box', []);
  expect(programs.filter(isAlive)).toEqual([]);
  expect(await shares('box')).toEqual([]);
  await home.call('guests.kill', { guest: 'box' });
});

it('come to one that started with none, if its memory may be shared; it is kept and gone on with as any other', async () => {
  const source = hostFolder('later');
  await make('ready', { machine: READY });
  await up('ready');
  await share('ready', [mount(source, '/later')]);
  const memory = home.call('snapshots.take', { guest: 'ready', name: 'with', memory: true });
  await expect(memory).rejects.toMatchObject({ cause: expect.stringMatching(/shared folders/) });
  await share('ready', []);
  await home.call('guests.suspend', { guest: 'ready' });
  await home.call('guests.start', { guest: 'ready' });
  await share('ready', [mount(source, '/later')]);
  expect(await home.inside('ready', 'cat /later/file')).toBe('later, from the host\n');

  // Whoever serves it is gone: that is said, and nothing is tried that would wait for ever.
  for (const one of await shares('ready')) signalProcess(one.process, 'SIGKILL');
  const notes = async () => JSON.stringify((await home.guest('ready')).notes);
  await expect.poll(notes, { timeout: 10_000 }).toMatch(/folder \/later is not shared any more/);
  await expect(share('ready', [])).rejects.toMatchObject({
    code: 'guest-failed',
    hint: expect.stringMatching(/recreate/),
  });
  await home.call('guests.kill', { guest: 'ready' });
});

it('need a new start where they cannot, with why', async () => {
  const source = hostFolder('never');
  await make('plain');
  await make('micro', { isolation: 'microvm' });
  for (const [name, why] of [
    ['plain', /not shared with programs of the host.*--shared-memory/],
    ['micro', /Nothing comes to a microVM/],
  ] as const) {
    await home.call('guests.start', { guest: name });
    await expect(share(name, [mount(source, '/a')])).rejects.toMatchObject({
      code: 'wrong-state',
      cause: expect.stringMatching(why),
      hint: expect.stringMatching(/recreate/),
    });
    await home.call('guests.kill', { guest: name });
  }
});

it('reach a system of its own, which is told how to mount them', async () => {
  const [first, second] = [hostFolder('early'), hostFolder('late')];
  await home.call('images.import', { path: tinyDisk(folder), name: 'tiny' });
  await make('own', { image: 'tiny', command: null, memoryMib: 64, mounts: [mount(first, '/srv/early', true)] });
  await home.call('guests.start', { guest: 'own' });
  const notes = async () => (await home.guest('own')).notes.join('\n');
  expect(await notes()).toContain('mount -t virtiofs -o ro srv/early /srv/early');
  await share('own', [mount(first, '/srv/early', true), mount(second, '/srv/late')]);
  await expect.poll(notes).toContain('mount -t virtiofs srv/late /srv/late');
  expect(await home.call('guests.monitor', { guest: 'own', line: 'info qtree' })).toMatch(/tag = "srv\/late"/);
  // Nobody there can say whether it is in use.
  const away = share('own', [mount(first, '/srv/early', true)]);
  await expect(away).rejects.toMatchObject({ code: 'unsupported', hint: expect.stringMatching(/qemu-guest-agent/) });
  expect(await shares('own')).toHaveLength(2);
  await home.call('guests.kill', { guest: 'own' });
});
