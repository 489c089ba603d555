/** Machines of a real libvirt, and of VirtualBox's files, are found and imported. As root and as an ordinary user. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EngineHome, makeEngineHome } from '../../fixtures/engine.ts';
import { convertTo, rawDisk, requireSame } from '../../fixtures/foreign-disks.ts';
import { domainXml } from '../../fixtures/foreign-machines.ts';
import { makeHome } from '../../fixtures/home.ts';
import { hasLibvirt, startLibvirt, type TestLibvirt } from '../../fixtures/libvirt.ts';
import { vbox, virtualBoxRegistry } from '../../fixtures/virtualbox.ts';

const before = { ...process.env };
let folder: string;
let home: EngineHome;
let libvirt: TestLibvirt;
let raw: string;
const at = (name: string) => join(folder, name);
const find = async () => (await home.call('guests.find', {})).machines;
const diskOf = (id: string) => join(home.paths.guests, id, 'disk.qcow2');

beforeAll(async () => {
  // libvirt's sockets lie deep in it, and their paths are short.
  folder = mkdtempSync('/tmp/ghl-');
  mkdirSync(at('vbox'));
  process.env.VBOX_USER_HOME = at('vbox');
  raw = rawDisk(at('one.raw'));
  // First, because it moves this user's folders.
  if (hasLibvirt) libvirt = await startLibvirt(folder);
  home = await makeEngineHome();
}, 240_000);
afterAll(async () => {
  await home?.end();
  await libvirt?.end();
  for (const name of [
    'HOME',
    'XDG_RUNTIME_DIR',
    'VBOX_USER_HOME',
    'XDG_CONFIG_HOME',
    'XDG_CACHE_HOME',
    'DBUS_SESSION_BUS_ADDRESS',
  ]) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
  rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(!hasLibvirt)('libvirt', () => {
  const name = `gh-test-${process.pid}`;
  const own = async () => (await find()).find((machine) => machine.name === name);

  beforeAll(() => {
    libvirt.define(domainXml(name, convertTo(raw, at('domain.qcow2'), 'qcow2')).replace(/<uuid>.*<\/uuid>/, ''));
  });

  test('a stopped machine is found and imported, and stays as it is there', async () => {
    const found = await own();
    expect(found).toMatchObject({
      program: libvirt.program,
      running: false,
      cpus: 2,
      memoryMib: 512,
      disks: 1,
      why: null,
    });
    const guest = await home.call('guests.importFound', { ref: found?.ref as string });
    expect(guest).toMatchObject({ name, isolation: 'vm', spec: { cpus: 2, memoryMib: 512 } });
    requireSame(raw, diskOf(guest.id), 'qcow2');
    expect(libvirt.virsh('domstate', name).trim()).toBe('shut off');
    const again = await home.call('guests.importFound', { ref: `${libvirt.program}:${name}`, name: 'again' });
    expect(again.name).toBe('again');
  });

  test('by one command too', async () => {
    const cli = makeHome();
    try {
      expect(await cli.ok(['find'])).toMatch(
        new RegExp(`^${libvirt.program}:${name} +${name} +stopped +2 +512 MiB +1 `, 'm'),
      );
      expect(await cli.ok(['import', `${libvirt.program}:${name}`])).toBe(`${name}\n`);
      const { id } = JSON.parse(await cli.ok(['inspect', name]));
      requireSame(raw, join(cli.path, 'guests', id, 'disk.qcow2'), 'qcow2');
    } finally {
      await cli.end();
    }
  });

  test('a running one is not touched', async () => {
    libvirt.virsh('start', name);
    expect(await own()).toMatchObject({ running: true, why: 'It is running.' });
    const guests = readdirSync(home.paths.guests);
    await expect(home.call('guests.importFound', { ref: `${libvirt.program}:${name}` })).rejects.toMatchObject({
      code: 'wrong-state',
      hint: 'Shut it down there, then import it.',
    });
    expect(readdirSync(home.paths.guests)).toEqual(guests);
    libvirt.virsh('destroy', name);
  });

  test('one that is not there, and a word that names none', async () => {
    await expect(home.call('guests.importFound', { ref: `${libvirt.program}:none` })).rejects.toMatchObject({
      code: 'not-found',
    });
    await expect(home.call('guests.importFound', { ref: 'vmware:web' })).rejects.toMatchObject({ code: 'invalid' });
  });
});

test('VirtualBox, from the files it keeps', async () => {
  mkdirSync(at('vbox/web'));
  convertTo(raw, at('vbox/web/web.vdi'), 'vdi');
  writeFileSync(at('vbox/web/web.vbox'), vbox('web & more'));
  writeFileSync(at('vbox/snap.vbox'), vbox('snap', true));
  writeFileSync(
    at('vbox/VirtualBox.xml'),
    virtualBoxRegistry([at('vbox/web/web.vbox'), 'snap.vbox', '/nowhere/x.vbox']),
  );
  const machines = (await find()).filter(({ program }) => program === 'virtualbox');
  expect(machines.map(({ name, why }) => [name, why?.slice(0, 60) ?? null])).toEqual([
    ['snap', expect.stringContaining('cannot be imported: it has snapshots')],
    ['web & more', null],
  ]);
  const guest = await home.call('guests.importFound', { ref: machines[1]?.ref as string });
  expect(guest).toMatchObject({
    name: 'web-more',
    spec: { cpus: 2, memoryMib: 1024, machine: { firmware: 'uefi', system: 'linux' } },
  });
  requireSame(raw, diskOf(guest.id), 'qcow2');
});
