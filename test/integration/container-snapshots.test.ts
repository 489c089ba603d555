/** Snapshots of containers: the same words, for what they wrote. As root and as an ordinary user. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EngineHome, makeEngineHome } from '../fixtures/engine.ts';

let home: EngineHome;
const take = (name: string) => home.call('snapshots.take', { guest: 'web', name });
const restore = (snapshot: string, more = {}) => home.call('snapshots.restore', { guest: 'web', snapshot, ...more });
const read = async (guest = 'web') =>
  (await home.inside(guest, 'cat /etc/motd /f 2>&1; ls -ln /owned /gone 2>&1')).trim();

beforeAll(async () => {
  home = await makeEngineHome();
  await home.call('volumes.create', { name: 'site' });
  await home.up('web', 'while :; do sleep 1; done', {
    mounts: [{ source: 'site', target: '/srv', readOnly: false }],
  });
});
afterAll(async () => {
  await home?.end();
});

describe('a container', () => {
  it('goes back to what it had written, with owners, links and what it had removed', async () => {
    await home.inside(
      'web',
      'echo one >/f; touch /owned; chown 33:44 /owned; ln /f /g; rm -f /etc/passwd; echo vol >/srv/v',
    );
    const one = await take('one');
    expect(one).toMatchObject({ parent: null, state: 'running', memory: false, leftOut: ['site (/srv)'] });
    expect(await home.guest('web')).toMatchObject({ state: 'running' });
    await home.inside('web', 'echo two >/f; rm /owned; echo back >/etc/passwd; echo more >/srv/v');
    const two = await take('two');
    expect(two.parent).toBe(one.id);
    expect(await read()).toMatch(/two[\s\S]*\/owned: No such file/);

    expect(await restore('one', { start: true })).toMatchObject({ state: 'running' });
    expect(await read()).toMatch(/one[\s\S]* 33 +44 [\s\S]*\/owned/);
    expect(await home.inside('web', 'cat /g; ls /etc/passwd 2>&1; [ /f -ef /g ] && echo same; cat /srv/v')).toMatch(
      /one\n[\s\S]*No such file[\s\S]*same\nmore/,
    );
    expect(await home.call('snapshots.list', { guest: 'web' })).toMatchObject({ current: one.id, memoryBytes: null });
    await expect(home.call('snapshots.take', { guest: 'web', memory: true })).rejects.toMatchObject({
      code: 'unsupported',
    });
    await expect(take('two')).rejects.toMatchObject({ code: 'conflict' });
    await expect(restore('../two')).rejects.toMatchObject({ code: 'not-found' });
    await expect(home.call('guests.suspend', { guest: 'web' })).rejects.toMatchObject({ code: 'unsupported' });
  });

  it('is branched from, and loses nothing but the way back when snapshots go', async () => {
    const made = await home.call('snapshots.branch', { guest: 'web', snapshot: 'two', name: 'twig' });
    await home.call('guests.start', { guest: made.id });
    expect(await read('twig')).toMatch(/two/);
    await home.inside('web', 'dd if=/dev/zero of=/big bs=1M count=4 2>/dev/null');
    await take('three');
    await home.inside('web', 'rm /big');
    const { beforeBytes, afterBytes } = await home.call('snapshots.remove', { guest: 'web', snapshot: 'three' });
    expect(beforeBytes - afterBytes).toBeGreaterThan(3 * 1024 * 1024);
    for (const snapshot of ['one', 'two']) await home.call('snapshots.remove', { guest: 'web', snapshot });
    expect(await read()).toMatch(/one/);
    expect(await home.call('snapshots.list', { guest: 'web' })).toMatchObject({ snapshots: [], current: null });
  });
});
