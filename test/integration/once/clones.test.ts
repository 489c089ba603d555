/** Clones of machines with real QEMU: linked ones share what was there, full ones nothing; each is a machine of its own. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DISK_DEFAULTS } from '../../../engine/contract/disk.ts';
import { guestFolder } from '../../../engine/host/paths.ts';
import { type EngineHome, makeEngineHome } from '../../fixtures/engine.ts';
import { type Talk, talkTo } from '../../fixtures/talk.ts';

const FIND = 'd=$(for b in /sys/block/vd*; do [ "$(cat $b/serial)" = data ] && basename $b; done)';
const write = (text: string) => `echo ${text} >/root/f; ${FIND}; echo ${text} >/dev/$d; sync; echo wr""ote`;
const READ = `${FIND}; echo "is:$(cat /root/f):$(head -n1 /dev/$d):$(cat /etc/machine-id):$(cat /sys/class/net/eth0/address):"`;
const OLD_ID = '7'.padStart(32, '0');

let home: EngineHome;
beforeAll(async () => {
  home = await makeEngineHome();
  const disks = [{ ...DISK_DEFAULTS, name: 'data', sizeGib: 0.0625 }];
  await home.call('guests.create', {
    draft: { name: 'box', isolation: 'vm', image: 'busybox', memoryMib: 128, command: ['sh'], disks },
  });
});
afterAll(() => home?.end());

const up = async (name: string): Promise<Talk> => {
  await home.call('guests.start', { guest: name });
  const shell = await talkTo(home, name);
  await shell.until(/# /);
  return shell;
};
const read = async (shell: Talk) => {
  const [, file, data, id, mac] = /is:(\w*):(\w*):(\w*):([0-9a-f:]{17}):/.exec(
    await shell.say(READ, /is:\w*:\w*:\w*:[0-9a-f:]{17}:/),
  ) as RegExpExecArray;
  return { file, data, id, mac };
};
const clone = (name: string, kind: 'linked' | 'full', guest = 'box') =>
  home.call('guests.clone', { guest, name, kind });
/** Files of a machine's disks, by how many guests have them. */
const disksOf = async (name: string) => {
  const folder = guestFolder(home.paths, (await home.guest(name)).id);
  return [folder, join(folder, 'disks')].flatMap((place) =>
    readdirSync(place)
      .filter((file) => file.endsWith('.qcow2'))
      .map((file) => statSync(join(place, file)).nlink),
  );
};

describe('a machine', () => {
  it('is cloned as it runs, linked, and either goes on by itself', async () => {
    const shell = await up('box');
    await shell.say(`printf ${OLD_ID} >/etc/machine-id; ${write('first')}`, /wrote/);
    const plan = await home.call('guests.planClone', { guest: 'box' });
    expect(plan.linkedBytes).toBe(2 * 256 * 1024);
    expect(plan.fullBytes).toBeGreaterThan(plan.linkedBytes as number);
    await clone('twin', 'linked');
    expect((await disksOf('twin')).sort()).toEqual([1, 1, 2, 2]);
    const before = await read(shell);
    await shell.say(write('second'), /wrote/);

    const other = await up('twin');
    const after = await read(other);
    expect(after).toMatchObject({ file: 'first', data: 'first', id: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(after.id).not.toBe(OLD_ID);
    expect(before).toMatchObject({ file: 'first', id: OLD_ID, mac: (await home.guest('box')).mac });
    expect(after.mac).toBe((await home.guest('twin')).mac);
    expect(after.mac).not.toBe(before.mac);
    await other.say(write('twin'), /wrote/);
    expect(await read(shell)).toMatchObject({ file: 'second', data: 'second', id: OLD_ID });
    // Killed, QEMU would not have written down where on the data disk it put that.
    for (const guest of ['twin', 'box']) await home.call('guests.stop', { guest });
  });

  it('of which nothing changed since is not frozen once more', async () => {
    await clone('third', 'linked');
    const layers = await disksOf('box');
    await clone('fourth', 'linked');
    expect((await disksOf('box')).length).toBe(layers.length);
    expect(Math.max(...(await disksOf('fourth')))).toBeGreaterThan(2);
  });

  it('is cloned in full: a clone of a clone shares nothing, and is there without the others', async () => {
    await clone('whole', 'full', 'twin');
    expect(await disksOf('whole')).toEqual([1, 1]);
    for (const guest of ['box', 'twin', 'third']) await home.call('guests.remove', { guest, force: true });
    const whole = await up('whole');
    expect(await read(whole)).toMatchObject({ file: 'twin', data: 'twin' });
    await home.call('guests.kill', { guest: 'whole' });
    const fourth = await up('fourth');
    expect(await read(fourth)).toMatchObject({ file: 'second', data: 'second' });
    await home.call('guests.kill', { guest: 'fourth' });
  });

  it('that nobody shares with any more stands on nothing once a snapshot goes', async () => {
    await home.call('snapshots.take', { guest: 'fourth', name: 'one' });
    await home.call('snapshots.remove', { guest: 'fourth', snapshot: 'one' });
    expect(await disksOf('fourth')).toEqual([1, 1]);
  });
});

it('a container is cloned in full alone, and that is said', async () => {
  const draft = { name: 'web', isolation: 'container', image: 'busybox', network: 'none' } as const;
  await home.call('guests.create', { draft });
  expect(await home.call('guests.planClone', { guest: 'web' })).toEqual({ fullBytes: null, linkedBytes: null });
  await expect(clone('web-2', 'linked', 'web')).rejects.toMatchObject({ code: 'unsupported' });
  expect((await home.call('guests.list', {})).map(({ name }) => name)).not.toContain('web-2');
});
