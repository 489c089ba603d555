/** Engines killed while a snapshot is taken, gone back to or removed: the guest stays whole, and the next try works. */
import { type ChildProcess, execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../../engine/contract/client.ts';
import { guestFolder } from '../../engine/host/paths.ts';
import { type EngineHome, makeEngineHome } from '../fixtures/engine.ts';
import { engineProcess, killed } from '../fixtures/engine-process.ts';
import { until } from '../fixtures/home.ts';

let home: EngineHome;
const engines: ChildProcess[] = [];
const engine = () => engineProcess(home.paths, engines);
/** Does something, and kills the engine in the middle of it. */
const cutOff = async (child: ChildProcess, act: Promise<unknown>, afterMs: number) => {
  act.catch(() => {});
  await sleep(afterMs);
  await killed(child);
};

beforeAll(async () => {
  home = await makeEngineHome();
  await home.close();
});
afterEach(async () => {
  for (const one of engines.splice(0)) await killed(one);
  await home.open({ background: false });
  for (const { id } of await home.call('guests.list', {})) await home.call('guests.remove', { guest: id, force: true });
  await home.close();
});
afterAll(() => home?.end());

/** What a guest's program, or the session of one, says. */
async function talk(client: Client, wish: { session: string } | { guest: string }) {
  let text = '';
  const stream = await client.open('console', wish, {
    onData(bytes, opened) {
      text += Buffer.from(bytes).toString();
      opened.consumed(bytes.length);
    },
  });
  return {
    ended: () => stream.ended.then(() => text),
    async say(line: string, answer: RegExp): Promise<string> {
      text = '';
      stream.write(Buffer.from(`${line}\n`));
      await until(() => (answer.test(text) ? true : null), 90_000);
      return text;
    },
    until: (pattern: RegExp) => until(() => (pattern.test(text) ? true : null), 90_000),
  };
}

describe('a container', () => {
  const inside = async (client: Client, script: string) => {
    const { id } = await client.call('consoles.exec', { guest: 'web', command: ['sh', '-c', script], tty: false });
    return (await talk(client, { session: id })).ended();
  };
  const make = async (client: Client) => {
    const command = ['sh', '-c', 'sleep 1000'];
    const draft = { name: 'web', isolation: 'container', image: 'busybox', command, stopGraceMs: 100 } as const;
    await client.call('guests.create', { draft });
    await client.call('guests.start', { guest: 'web' });
    await inside(
      client,
      'for i in $(seq 300); do echo $i >/f$i; done; head -c 8000000 /dev/urandom >/large; echo one >/which',
    );
  };
  const LOOK = 'ls /f* | wc -l; cat /which';

  test.each([0, 60, 250])('whose snapshot is cut off after %i ms goes on', async (afterMs) => {
    const { child, client } = await engine();
    await make(client);
    await cutOff(child, client.call('snapshots.take', { guest: 'web', name: 'cut' }), afterMs);
    const { client: next } = await engine();
    expect((await next.call('guests.inspect', { guest: 'web' })).state).toBe('running');
    expect(await inside(next, LOOK)).toBe('300\none\n');
    const { snapshots } = await next.call('snapshots.list', { guest: 'web' });
    if (snapshots.length === 0) await next.call('snapshots.take', { guest: 'web', name: 'cut' });
    await inside(next, 'rm /f1 /which');
    await next.call('snapshots.restore', { guest: 'web', snapshot: 'cut', start: true });
    expect(await inside(next, LOOK)).toBe('300\none\n');
  });

  test.each([30, 150, 500])('that goes back is wholly one or the other after %i ms', async (afterMs) => {
    const { child, client } = await engine();
    await make(client);
    await client.call('snapshots.take', { guest: 'web', name: 'one' });
    await inside(client, 'for i in $(seq 301 400); do echo $i >/f$i; done; echo two >/which');
    await cutOff(child, client.call('snapshots.restore', { guest: 'web', snapshot: 'one' }), afterMs);
    const { client: next } = await engine();
    if ((await next.call('guests.inspect', { guest: 'web' })).state !== 'running')
      await next.call('guests.start', { guest: 'web' });
    expect(['300\none\n', '400\ntwo\n']).toContain(await inside(next, LOOK));
    const { id } = await next.call('guests.inspect', { guest: 'web' });
    const left = readdirSync(guestFolder(home.paths, id)).filter((name) => /^upper\./.test(name));
    expect(left).toEqual([]);
  });
});

describe('a machine', () => {
  const make = async (client: Client) => {
    const draft = { name: 'box', isolation: 'vm', image: 'busybox', memoryMib: 128, network: 'none' } as const;
    await client.call('guests.create', { draft: { ...draft, command: ['sh'] } });
    await client.call('guests.start', { guest: 'box' });
    const shell = await talk(client, { guest: 'box' });
    await shell.until(/# /);
    return shell;
  };
  const read = async (client: Client) => {
    const shell = await talk(client, { guest: 'box' });
    return shell.say('echo is:$(cat /root/a):$(cat /root/b):', /is:\w*:\w*:/);
  };

  test('whose snapshots are cut off, taken and removed, loses nothing', async () => {
    let { child, client } = await engine();
    const shell = await make(client);
    await shell.say('echo kept >/root/a; sync; echo do""ne', /done/);
    for (const afterMs of [30, 200, 700]) {
      await cutOff(child, client.call('snapshots.take', { guest: 'box', memory: afterMs > 100 }), afterMs);
      ({ child, client } = await engine());
      expect((await client.call('guests.inspect', { guest: 'box' })).state).toBe('running');
      const again = await talk(client, { guest: 'box' });
      await again.say(`echo after${afterMs} >/root/b; sync; echo do""ne`, /done/);
    }
    expect(await read(client)).toMatch(/is:kept:after700:/);
    await client.call('snapshots.take', { guest: 'box', name: 'whole' });
    await cutOff(child, client.call('snapshots.remove', { guest: 'box', snapshot: 'whole' }), 60);
    ({ child, client } = await engine());
    expect(await read(client)).toMatch(/is:kept:after700:/);
    const { id } = await client.call('guests.stop', { guest: 'box' });
    for (const { id: snapshot } of (await client.call('snapshots.list', { guest: 'box' })).snapshots)
      await client.call('snapshots.remove', { guest: 'box', snapshot });
    await client.call('snapshots.take', { guest: 'box', name: 'last' });
    await client.call('snapshots.remove', { guest: 'box', snapshot: 'last' });
    // All that was begun and all that was removed is merged.
    const folder = guestFolder(home.paths, id);
    expect(readdirSync(folder).filter((name) => /^disk/.test(name))).toEqual(['disk.qcow2']);
    execFileSync('qemu-img', ['check', '-q', '-f', 'qcow2', join(folder, 'disk.qcow2')]);
    await client.call('guests.start', { guest: 'box' });
    await (await talk(client, { guest: 'box' })).until(/# /);
    expect(await read(client)).toMatch(/is:kept:after700:/);
  });
});
