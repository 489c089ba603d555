/** Volumes with real containers and a machine. Passes as root and as an ordinary user. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { busyboxImage } from '../fixtures/busybox-image.ts';
import { type EngineHome, makeEngineHome } from '../fixtures/engine.ts';
import { until } from '../fixtures/home.ts';

let home: EngineHome;
const code = (code: string) => expect.objectContaining({ code });

beforeAll(async () => {
  home = await makeEngineHome();
  const archive = join(home.paths.home, 'wants-volumes.tar');
  await busyboxImage(archive, { volumes: ['/data', '/link/', '/covered'] });
  await home.call('images.import', { path: archive, name: 'wants-volumes' });
});
afterEach(async () => {
  for (const { id } of await home.call('guests.list', {})) await home.call('guests.remove', { guest: id, force: true });
  await home.call('volumes.prune', {});
});
afterAll(async () => {
  await home?.call('volumes.prune', {}).catch(() => {});
  await home?.end();
});

async function ended(name: string): Promise<{ id: string }> {
  await until(async () => (await home.guest(name)).state === 'stopped');
  return home.guest(name);
}
/** What it wrote, without conmon's time and channel in front of each line. */
const logOf = (id: string) =>
  readFileSync(join(home.paths.guests, id, 'console.log'), 'utf8').replaceAll(/^\S+ std\w+ [FP] /gm, '');
const names = async () => (await home.call('volumes.list', {})).map(({ name }) => name);
const mount = (source: string, target: string, readOnly = false) => ({ source, target, readOnly });

describe('a named volume', () => {
  test('is made when a guest asks for it, seen by several, and outlives them', async () => {
    await home.up('one', 'echo kept >/shared/file; sleep 100', { mounts: [mount('shared', '/shared')] });
    await until(async () => (await home.inside('one', 'cat /shared/file')) === 'kept\n');
    await home.up('two', 'sleep 100', { mounts: [mount('shared', '/here', true)] });
    expect(await home.inside('two', 'cat /here/file; echo no >/here/file || true')).toMatch(/^kept\n/);
    const volume = await home.call('volumes.inspect', { volume: 'shared' });
    expect(volume).toMatchObject({ name: 'shared', anonymous: false, usedBy: ['one', 'two'] });
    expect(volume.sizeBytes).toBeGreaterThan(0);
    await expect(home.call('volumes.remove', { volume: 'shared' })).rejects.toThrow(code('conflict'));
    for (const guest of ['one', 'two']) await home.call('guests.remove', { guest, force: true });
    await home.up('three', 'cat /again/file', { mounts: [mount('shared', '/again')] });
    expect(logOf((await ended('three')).id)).toContain('kept');
  });

  test('is filled with what the image has there, once', async () => {
    const mounts = [mount('files', '/data'), mount('led', '/link'), mount('out', '/leads-out')];
    const show = 'ls -ldn /data /data/own; cat /data/own; ls /link; ls /leads-out | wc -l';
    await home.up('first', `${show}; rm /data/own; echo mine >/data/mine`, { image: 'wants-volumes', mounts });
    const log = logOf((await ended('first')).id);
    expect(log).toMatch(/drwx------ +\d+ 70 +71 .* \/data\r?\n/);
    expect(log).toMatch(/-rw-r----- +\d+ 70 +71 .* \/data\/own\r?\n.*of the image/s);
    // `/link` leads to /data, by a way that climbs out of the root; `/leads-out` leads to what the image has not.
    expect(log).toMatch(/own\r?\n0\r?\n$/);
    await home.up('second', 'ls /data', { image: 'wants-volumes', mounts });
    expect(logOf((await ended('second')).id)).toMatch(/^mine\r?\n$/);
  });

  test.each(['', '../up', '/abs', '.hidden', 'a/b', 'a'.repeat(64), 'ä'])('cannot be called %j', async (name) => {
    await expect(home.call('volumes.create', { name })).rejects.toThrow(code('invalid'));
    expect(readdirSync(home.paths.volumes)).toEqual([]);
  });

  test('has a name of its own, whatever it is, and is never two', async () => {
    const made = await Promise.allSettled(['same', 'same'].map((name) => home.call('volumes.create', { name })));
    expect(made.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const { id } = await home.call('volumes.create', { name: 'constructor', labels: { of: 'me' } });
    expect(await home.call('volumes.inspect', { volume: id })).toMatchObject({ labels: { of: 'me' }, usedBy: [] });
    expect(await home.call('volumes.prune', { dryRun: true })).toMatchObject({ removed: ['same', 'constructor'] });
    expect(await names()).toEqual(['constructor', 'same']);
    await home.call('volumes.remove', { volume: 'same' });
    expect((await home.call('volumes.prune', {})).freedBytes).toBeGreaterThan(0);
    expect(readdirSync(home.paths.volumes)).toEqual([]);
    const told = home.events.filter(({ type, name }) => type === 'volume' && name === 'same');
    expect(told.map(({ action }) => action)).toEqual(['create', 'remove']);
  });
});

describe('volumes an image wants', () => {
  test('are made for the guest, filled, and go with it', async () => {
    await home.up('db', 'ls -ldn /data; cat /data/own; echo 1 >/data/kept; sleep 100', {
      image: 'wants-volumes',
      mounts: [mount('mine', '/covered')],
    });
    const volumes = await home.call('volumes.list', {});
    expect(volumes.filter(({ anonymous }) => anonymous)).toHaveLength(2); // not for /covered
    expect(volumes.every(({ usedBy }) => usedBy.join() === 'db')).toBe(true);
    await until(async () => (await home.inside('db', 'cat /data/kept')) === '1\n');
    await home.call('guests.stop', { guest: 'db' });
    await home.call('guests.start', { guest: 'db' });
    expect(await home.inside('db', 'cat /data/kept')).toBe('1\n');
    await home.call('guests.remove', { guest: 'db', force: true });
    expect(await names()).toEqual(['mine']);
  });

  test('are not left by a creation that fails', async () => {
    const devices = [{ source: '/dev/no-such-device', target: '/dev/x', access: 'rw' }];
    const draft = { name: 'no', isolation: 'container', image: 'wants-volumes', devices, mounts: [mount('new', '/n')] };
    await expect(home.call('guests.create', { draft: draft as never })).rejects.toThrow();
    expect(await names()).toEqual([]);
    expect(readdirSync(home.paths.volumes)).toEqual([]);
  });
});

test('what a crash left is swept, and what cannot be read is left alone and told', async () => {
  const { id: kept } = await home.call('volumes.create', { name: 'kept' });
  const { id: damaged } = await home.call('volumes.create', { name: 'damaged' });
  await home.close();
  const at = (...parts: string[]) => join(home.paths.volumes, ...parts);
  mkdirSync(at('0123456789ab', 'data', 'deep'), { recursive: true }); // no record: half-made
  mkdirSync(at(kept, 'fill', 'half'), { recursive: true });
  writeFileSync(at(kept, 'data', 'file'), 'data');
  writeFileSync(at(damaged, 'volume.json'), '{"version":');
  // Of a guest that a crash took back.
  const orphan = {
    version: 1,
    id: 'ba9876543210',
    name: 'ba9876543210',
    createdAt: 1,
    guestId: 'ffffffffffff',
    labels: {},
  };
  mkdirSync(at(orphan.id, 'data'), { recursive: true });
  writeFileSync(at(orphan.id, 'volume.json'), JSON.stringify(orphan));
  await home.open();
  expect(readdirSync(home.paths.volumes).sort()).toEqual([kept, damaged].sort());
  expect(readdirSync(at(kept)).sort()).toEqual(['data', 'volume.json']);
  expect(readFileSync(at(kept, 'data', 'file'), 'utf8')).toBe('data');
  expect(await names()).toEqual(['kept']);
  const findings = await home.call('host.doctor', {});
  expect(findings.find(({ title }) => title === `Volume ${damaged}`)).toMatchObject({ level: 'problem' });
  rmSync(at(damaged), { recursive: true });
});

test('a machine sees one too', async () => {
  await home.call('volumes.create', { name: 'both' });
  await home.up('box', 'echo from a container >/v/file', { mounts: [mount('both', '/v')] });
  await ended('box');
  const draft = {
    name: 'machine',
    isolation: 'vm',
    image: 'busybox',
    memoryMib: 128,
    command: ['sh', '-c', 'cat /mnt/file; echo from a machine >>/mnt/file'],
    mounts: [mount('both', '/mnt')],
  } as const;
  const { id } = await home.call('guests.create', { draft });
  await home.call('guests.start', { guest: 'machine' });
  await until(async () => (await home.guest('machine')).exit, 60_000);
  expect(readFileSync(join(home.paths.guests, id, 'serial.log'), 'utf8')).toContain('from a container');
  await home.up('after', 'cat /v/file', { mounts: [mount('both', '/v')] });
  expect(logOf((await ended('after')).id)).toContain('from a machine');
});
