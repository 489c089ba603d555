/** What a machine has beside its disks, on real QEMU: an identity of its own, and devices that come and go. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guestFolder } from '../../engine/host/paths.ts';
import { type EngineHome, makeEngineHome } from '../fixtures/engine.ts';
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
    const kept = await Promise.all(['box', 'twin', 'twig'].map(identity));
    expect(kept).toMatchObject([{ isCopy: false }, { isCopy: true }, { isCopy: true }]);
    expect(new Set(kept.map(({ generation }) => generation)).size).toBe(3);

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
