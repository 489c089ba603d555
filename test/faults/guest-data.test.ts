/** Engines killed while a guest is copied, written to a file or taken in from one; disks that fill up; second thoughts. */
import { type ChildProcess, execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../../engine/contract/client.ts';
import { toErrorShape } from '../../engine/contract/errors.ts';
import { busyboxImage } from '../fixtures/busybox-image.ts';
import { type EngineHome, makeEngineHome } from '../fixtures/engine.ts';
import { engineProcess, killed } from '../fixtures/engine-process.ts';
import { until } from '../fixtures/home.ts';

const asRoot = process.getuid?.() === 0;
let home: EngineHome;
let folder: string;
const engines: ChildProcess[] = [];
const engine = () => engineProcess(home.paths, engines);

beforeAll(async () => {
  home = await makeEngineHome();
  folder = join(home.paths.home, 'files');
  mkdirSync(folder);
  await busyboxImage(join(folder, 'image.tar'), { volumes: ['/data'] });
  await home.call('images.import', { path: join(folder, 'image.tar'), name: 'own' });
  await home.close();
});
afterEach(async () => {
  for (const one of engines.splice(0)) await killed(one);
  await home.open({ background: false });
  for (const { id } of await home.call('guests.list', {})) await home.call('guests.remove', { guest: id, force: true });
  await home.call('volumes.prune', {});
  await home.close();
  for (const name of readdirSync(folder)) if (name.includes('.guest')) rmSync(join(folder, name));
});
afterAll(() => home?.end());

/** Enough that a copy takes a while. */
const WRITES =
  'for i in $(seq 400); do echo $i >/f$i; done; head -c 12000000 /dev/zero | tr "\\0" x >/large; cp /large /data; echo >/ready';

async function makeOriginal(client: Client): Promise<string> {
  const command = ['sh', '-c', `${WRITES}; echo done; sleep 1000`];
  const draft = { name: 'one', isolation: 'container', image: 'busybox', command, stopGraceMs: 100 } as const;
  const mounts = [{ source: 'named', target: '/data', readOnly: false }];
  const { id } = await client.call('guests.create', { draft: { ...draft, mounts } });
  await client.call('guests.start', { guest: id });
  await until(async () => (await inside(client, id, 'ls /ready')) === '/ready\n');
  return id;
}

async function inside(client: Client, guest: string, script: string): Promise<string> {
  const { id } = await client.call('consoles.exec', { guest, command: ['sh', '-c', script], tty: false });
  let text = '';
  const stream = await client.open(
    'console',
    { session: id },
    {
      onData(bytes, opened) {
        text += Buffer.from(bytes).toString();
        opened.consumed(bytes.length);
      },
    },
  );
  await stream.ended;
  return text;
}

describe('an engine killed while a guest is cloned', () => {
  test.each([0, 60, 200])('after %i ms leaves the original going on, and no half of a clone', async (afterMs) => {
    const { child, client } = await engine();
    const id = await makeOriginal(client);
    const clone = client.call('guests.clone', { guest: id, name: 'two' });
    clone.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    await killed(child);

    const next = await engine();
    expect((await next.client.call('guests.inspect', { guest: id })).state).toBe('running');
    expect(await inside(next.client, id, 'echo alive')).toBe('alive\n');
    const guests = await next.client.call('guests.list', {});
    expect(readdirSync(home.paths.guests).sort()).toEqual(guests.map((guest) => guest.id).sort());
    const two = guests.find(({ name }) => name === 'two');
    if (two) {
      await next.client.call('guests.start', { guest: two.id });
      expect(await inside(next.client, two.id, 'ls /f* | wc -l')).toBe('400\n');
    }
    // And again, as if nothing had been.
    await next.client.call('guests.clone', { guest: id, name: 'three' });
  });
});

test('an engine killed while a guest becomes an image leaves the guest going on', async () => {
  const { child, client } = await engine();
  const id = await makeOriginal(client);
  const commit = client.call('images.commit', { guest: id, name: 'made:1' });
  commit.catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, 60));
  await killed(child);

  const next = await engine();
  expect((await next.client.call('guests.inspect', { guest: id })).state).toBe('running');
  expect(await inside(next.client, id, 'echo alive')).toBe('alive\n');
  await next.client.call('images.commit', { guest: id, name: 'made:1' });
});

describe('second thoughts', () => {
  test('about a clone take all of it back, and the original goes on', async () => {
    const { client } = await engine();
    const id = await makeOriginal(client);
    const clone = client.call('guests.clone', { guest: id, name: 'two' }).then(() => null, toErrorShape);
    const operation = await until(async () =>
      (await client.call('operations.list', {})).find(({ verb, state }) => verb === 'clone' && state === 'running'),
    );
    await client.call('operations.cancel', { operation: operation?.id ?? '' });
    expect(await clone).toMatchObject({ code: 'cancelled' });
    expect(readdirSync(home.paths.guests)).toEqual([id]);
    expect((await client.call('guests.inspect', { guest: id })).state).toBe('running');
    expect(await inside(client, id, 'echo alive')).toBe('alive\n');
  });
});

describe('an engine killed while a guest is taken in', () => {
  test.each([50, 200])('after %i ms leaves all of it or nothing', async (afterMs) => {
    const path = join(folder, 'one.guest');
    const { child, client } = await engine();
    const id = await makeOriginal(client);
    await client.call('guests.kill', { guest: id });
    await client.call('guests.export', { guest: id, path });
    await client.call('guests.remove', { guest: id });
    await client.call('volumes.prune', {});
    client.call('guests.import', { path }).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    await killed(child);

    const next = await engine();
    const guests = await next.client.call('guests.list', {});
    expect(readdirSync(home.paths.guests)).toEqual(guests.map((guest) => guest.id));
    expect(readdirSync(home.paths.home)).not.toContain('work');
    if (guests.length === 0) {
      await next.client.call('volumes.prune', {});
      await next.client.call('guests.import', { path });
    }
    const volumes = await next.client.call('volumes.list', {});
    expect(volumes).toMatchObject([{ name: 'named', usedBy: ['one'] }]);
    expect(readdirSync(home.paths.volumes)).toEqual(volumes.map((volume) => volume.id));
    await next.client.call('guests.start', { guest: 'one' });
  });
});

describe.runIf(asRoot)('on a full disk', () => {
  const small = async (at: string, act: () => Promise<void>) => {
    mkdirSync(at, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m,mode=0700', 'tmpfs', at]);
    try {
      await act();
    } finally {
      execFileSync('umount', ['-l', at]);
    }
  };

  test('no part of a file is left, and the guest is as it was', async () => {
    const { client } = await engine();
    const id = await makeOriginal(client);
    await client.call('guests.kill', { guest: id });
    const full = join(folder, 'full');
    await small(full, async () => {
      const error = await client
        .call('guests.export', { guest: id, path: join(full, 'one') })
        .then(() => null, toErrorShape);
      expect(error).toMatchObject({ code: 'resources', message: expect.stringMatching(/space/) });
      expect(readdirSync(full)).toEqual([]);
    });
    expect((await client.call('guests.inspect', { guest: id })).state).toMatch(/stopped|failed/);
    await client.call('guests.start', { guest: id });
  });
});
