/** Who keeps guests when the last command has ended and no window is open. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { GuestDraft } from '../../../engine/contract/api.ts';
import type { Client } from '../../../engine/contract/client.ts';
import { type Paths, resolvePaths } from '../../../engine/host/paths.ts';
import { connectOrOpen } from '../../../main/join.ts';
import { until } from '../../fixtures/home.ts';

let paths: Paths;
beforeAll(async () => {
  const home = mkdtempSync(joinPath(tmpdir(), 'gh-keeper-'));
  paths = resolvePaths({ ...process.env, GUESTHOUSE_HOME: home });
  await command((client) => client.call('images.build', { builder: 'busybox' }));
});
afterEach(async () => {
  await command(async (client) => {
    for (const { id } of await client.call('guests.list', {})) {
      await client.call('guests.remove', { guest: id, force: true });
    }
  });
  await until(() => keepers().length === 0);
});
afterAll(async () => {
  await command(async (client) => {
    for (const { id } of await client.call('images.list', {})) await client.call('images.remove', { image: id });
  });
  rmSync(paths.run, { recursive: true, force: true });
  rmSync(paths.home, { recursive: true, force: true });
});

/** As one run of the CLI: it joins whoever has the home, or has it for a moment. */
async function command<T>(act: (client: Client) => Promise<T>): Promise<T> {
  const joined = await connectOrOpen({ paths, background: false });
  try {
    return await act(joined.client);
  } finally {
    await joined.close();
  }
}

const up = (name: string, script: string, more: Partial<GuestDraft> = {}) =>
  command(async (client) => {
    const about = { name, isolation: 'container', image: 'busybox', stopGraceMs: 200 } as const;
    const draft = { ...about, command: ['sh', '-c', script], ...more };
    await client.call('guests.create', { draft });
    return client.call('guests.start', { guest: name });
  });
/** Seldom enough that the commands are not all the machine does. */
const look = async (name: string) => {
  await new Promise((resolve) => setTimeout(resolve, 200));
  return command((client) => client.call('guests.inspect', { guest: name }));
};

/** Process numbers of the keepers of this home. */
function keepers(): number[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      const isKeeper = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
        .split('\0')
        .some((word) => word.endsWith('/keep.ts'));
      const isOurs = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`GUESTHOUSE_HOME=${paths.home}`);
      return isKeeper && isOurs ? [Number(pid)] : [];
    } catch {
      return [];
    }
  });
}

describe('after the last command', () => {
  test('a guest with a restart policy is started anew, and nobody stays when it is stopped', async () => {
    await up('web', 'sleep 0.4', { restart: { when: 'always', maxRetries: null } });
    await until(() => keepers().length > 0);
    await until(async () => (await look('web')).restarts >= 2).catch(async ({ message }) => {
      throw new Error(
        `${message}\n${JSON.stringify(await look('web'))}\n${readFileSync(paths.log, 'utf8').slice(-1000)}`,
      );
    });
    await command((client) => client.call('guests.kill', { guest: 'web' }));
    await until(() => keepers().length === 0);
    expect((await look('web')).state).toBe('stopped');
    expect(keepers()).toEqual([]);
  });

  test('nobody stays for guests that need nobody', async () => {
    await up('plain', 'sleep 1000');
    await look('plain');
    expect(keepers()).toEqual([]);
  });

  test('a keeper that was killed is followed by another with the next command', async () => {
    await up('web', 'sleep 1000', { restart: { when: 'always', maxRetries: null } });
    const first = await until(() => keepers().at(0));
    process.kill(first as number, 'SIGKILL');
    await until(() => keepers().length === 0);
    expect((await look('web')).state).toBe('running');
    await until(() => keepers().length > 0);
  });

  test('a disposable guest goes with its end, and the keeper with it', async () => {
    await up('job', 'sleep 1', { disposable: true });
    await until(() => keepers().length === 0 && readdirSync(paths.guests).length === 0);
    expect(await command((client) => client.call('guests.list', {}))).toEqual([]);
  });

  test('a health check goes on', async () => {
    const health = { command: ['true'], intervalMs: 1_000, timeoutMs: 5_000, startPeriodMs: 0, retries: 1 };
    await up('web', 'sleep 1000', { health });
    await until(async () => (await look('web')).health?.status === 'healthy');
  });
});
