/** Engines killed while a guest waits to be started anew, while one is made anew, and while one is removed. */
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../../engine/contract/client.ts';
import { guestFolder } from '../../engine/host/paths.ts';
import { type EngineHome, makeEngineHome } from '../fixtures/engine.ts';
import { engineProcess, killed } from '../fixtures/engine-process.ts';
import { until } from '../fixtures/home.ts';

let home: EngineHome;
const engines: ChildProcess[] = [];
const engine = () => engineProcess(home.paths, engines);

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

const draft = (name: string, script: string) =>
  ({ name, isolation: 'container', image: 'busybox', command: ['sh', '-c', script], stopGraceMs: 200 }) as const;

test('a guest that waited to be started anew is, by the next engine, and its count goes on', async () => {
  const first = await engine();
  const restart = { when: 'on-failure', maxRetries: 4 } as const;
  const { id } = await first.client.call('guests.create', { draft: { ...draft('flaky', 'exit 3'), restart } });
  await first.client.call('guests.start', { guest: id });
  // The waits are 0.1, 0.2, 0.4 and 0.8 s.
  await until(async () => {
    const { restarts, notes } = await first.client.call('guests.inspect', { guest: id });
    return restarts === 2 && notes.length > 0;
  });
  await killed(first.child);
  const record = JSON.parse(readFileSync(join(guestFolder(home.paths, id), 'guest.json'), 'utf8'));
  expect(record).toMatchObject({ wanted: 'running', before: null });
  const { client } = await engine();
  const ended = await until(async () => {
    const guest = await client.call('guests.inspect', { guest: id });
    return guest.restarts === 4 && guest.exit && guest.notes.length === 0 ? guest : null;
  });
  expect(ended).toMatchObject({ state: 'stopped', exit: { code: 3 } });
});

describe('an engine killed while a guest is made anew', () => {
  // Spread over the whole act, which takes some 400 ms: before, during and after the stop and the new start.
  test.each([0, 40, 120, 220, 300, 380, 500])(
    'after %i ms leaves it running, whole, in one of the two',
    async (afterMs) => {
      const { child, client } = await engine();
      const { id } = await client.call('guests.create', {
        draft: { ...draft('web', 'echo $A >>/seen; sleep 1000'), env: { A: 'old' } },
      });
      await client.call('guests.start', { guest: id });
      const change = client.call('guests.update', { guest: id, change: { env: { A: 'new' } }, recreate: true });
      change.catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      await killed(child);

      const next = await engine();
      await until(async () => (await next.client.call('guests.inspect', { guest: id })).state === 'running');
      const file = join(guestFolder(home.paths, id), 'guest.json');
      await until(() => JSON.parse(readFileSync(file, 'utf8')).before === null);
      const { env } = (await next.client.call('guests.inspect', { guest: id })).spec;
      expect(['old', 'new']).toContain(env.A);
      // What runs is what is shown.
      const said = () => inside(next.client, id, 'tail -n 1 /seen; head -n 1 /seen');
      await until(async () => (await said()) === `${env.A}\nold\n`);
    },
  );
});

describe('an engine killed while a guest goes into the trash', () => {
  test.each([0, 5])('after %i ms leaves it whole, in the list or in the trash', async (afterMs) => {
    const { child, client } = await engine();
    const { id } = await client.call('guests.create', { draft: draft('web', 'echo mine >/kept') });
    await client.call('guests.start', { guest: id });
    await client.call('guests.wait', { guest: id, states: ['stopped'], timeoutMs: 30_000 });
    client.call('guests.remove', { guest: id, keep: true }).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    await killed(child);

    const next = await engine();
    const listed = await next.client.call('guests.list', {});
    const { guests } = await next.client.call('trash.list', {});
    expect([...listed, ...guests].map((one) => one.id)).toEqual([id]);
    if (guests.length > 0) await next.client.call('trash.restore', { guest: id });
    const { entries } = await next.client.call('files.list', { guest: id, path: '/' });
    expect(entries.map(({ name }) => name)).toContain('kept');

    // And for good: what was begun is finished by the next.
    await next.client.call('guests.remove', { guest: id, keep: true });
    next.client.call('trash.empty', {}).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    await killed(next.child);
    const last = await engine();
    expect(await last.client.call('guests.list', {})).toEqual([]);
    await last.client.call('trash.empty', {});
    expect(existsSync(guestFolder(home.paths, id))).toBe(false);
  });
});

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
