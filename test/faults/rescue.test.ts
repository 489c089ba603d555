/** An engine killed while the disks of a machine are open for writing. */
import { type ChildProcess, execFileSync } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { guestFolder } from '../../engine/host/paths.ts';
import { type EngineHome, makeEngineHome } from '../fixtures/engine.ts';
import { engineProcess, killed } from '../fixtures/engine-process.ts';

let home: EngineHome;
let id: string;
const engines: ChildProcess[] = [];

/** Processes whose working folder is the rescue's. */
const strays = () =>
  readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`).includes(`${id}.r/`);
    } catch {
      return false;
    }
  });

beforeAll(async () => {
  home = await makeEngineHome();
  const draft = { name: 'box', isolation: 'vm', image: 'busybox', memoryMib: 128, network: 'none' } as const;
  id = (await home.call('guests.create', { draft })).id;
  await home.close();
});
afterEach(async () => {
  for (const one of engines.splice(0)) await killed(one);
});
afterAll(() => home?.end());

test('leaves the disk whole, and the next engine ends what it left', async () => {
  const { child, client } = await engineProcess(home.paths, engines);
  await client.call('rescue.open', { guest: 'box', write: true });
  await client.call('files.makeFolder', { guest: 'box', path: '/kept' });
  await client.call('rescue.setPassword', { guest: 'box', user: 'root', password: 'in again' });
  // Not synced: it may be there afterwards or not, but nothing else may be harmed.
  await client.call('files.makeFolder', { guest: 'box', path: '/perhaps' });
  await killed(child);
  expect(strays().length).toBeGreaterThan(0);

  await home.open({ background: false });
  expect(strays()).toEqual([]);
  expect((await home.guest('box')).rescue).toBeUndefined();
  const disk = join(guestFolder(home.paths, id), 'disk.qcow2');
  execFileSync('qemu-img', ['check', '-q', disk]);
  await home.call('rescue.open', { guest: 'box' });
  const { entries } = await home.call('files.list', { guest: 'box', path: '/' });
  expect(entries.map(({ name }) => name)).toContain('kept');
  expect(await home.call('rescue.users', { guest: 'box' })).toMatchObject([{ name: 'root', password: 'set' }]);
  await home.call('rescue.close', { guest: 'box' });
  const { state } = await home.call('guests.start', { guest: 'box' });
  expect(state).toBe('running');
  await home.close();
});

test('ends by itself, and lets go of the disk, where no engine comes', async () => {
  const { child, client } = await engineProcess(home.paths, engines);
  await client.call('guests.kill', { guest: 'box' });
  await client.call('rescue.open', { guest: 'box', write: true });
  await client.call('files.makeFolder', { guest: 'box', path: '/synced' });
  await killed(child);
  await expect.poll(strays, { timeout: 120_000, interval: 250 }).toEqual([]);
  execFileSync('qemu-img', ['check', '-q', join(guestFolder(home.paths, id), 'disk.qcow2')]);
});
