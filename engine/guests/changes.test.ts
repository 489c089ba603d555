import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type GuestsHome, makeGuestsHome } from '../../test/fakes/guests-home.ts';
import { fakeImage } from '../../test/fakes/images.ts';
import { GuesthouseError } from '../contract/errors.ts';
import type { Guests } from './guests.ts';

let home: GuestsHome;
let guests: Guests;
const port = (hostPort: number) => ({ hostIp: '127.0.0.1', hostPort, guestPort: 80, protocol: 'tcp' }) as const;
const updates: string[] = [];

beforeEach(async () => {
  home = makeGuestsHome();
  updates.length = 0;
  Object.assign(home.driver, {
    liveFields: new Set(['memoryMib', 'cpus']),
    update: async (_guest: unknown, change: object) => {
      updates.push(JSON.stringify(change));
      if (home.driver.failing.has('update')) throw new GuesthouseError({ code: 'resources', message: 'Too little.' });
    },
  });
  guests = await home.engine();
});
afterEach(() => home.end());

const running = async () => {
  const guest = await guests.create(home.draft('web', { memoryMib: 128, env: { A: '1' } }));
  await guests.start('web');
  home.driver.calls.length = 0;
  return guest;
};

describe('a plan', () => {
  test('says field by field what applies at once and what needs it made anew', async () => {
    await running();
    const change = { memoryMib: 64, labels: { a: 'b' }, env: { A: '2' }, command: ['x'], cpus: 1, stopGraceMs: 10_000 };
    expect(await guests.planChange('web', change)).toEqual({
      live: ['memoryMib', 'labels'],
      recreate: ['env', 'command'],
      problems: [],
    });
  });

  test('of a stopped guest needs nothing made anew', async () => {
    await guests.create(home.draft('web'));
    expect(await guests.planChange('web', { env: { A: '2' } })).toEqual({ live: ['env'], recreate: [], problems: [] });
  });

  test('tells what is wrong, but not that its own name and ports are taken', async () => {
    const mine = await guests.create(home.draft('web', { ports: [port(0)] }));
    const other = await guests.create(home.draft('db', { ports: [port(0)] }));
    const plan = await guests.planChange('web', { ports: [...mine.ports, ...other.ports] });
    expect(plan.problems).toMatchObject([{ field: 'ports.1.hostPort', error: { code: 'conflict' } }]);
    expect((await guests.planChange('web', { cpus: -1 })).problems).toMatchObject([{ field: 'cpus' }]);
  });

  test('lets no disk become smaller', async () => {
    home.images.push({ ...fakeImage('server:latest', 'disk'), id: `sha256:${'b'.repeat(64)}` });
    await guests.create({ name: 'vm', isolation: 'vm', image: 'server:latest', diskGib: 4 });
    for (const diskGib of [3, null]) {
      expect((await guests.planChange('vm', { diskGib })).problems).toMatchObject([{ field: 'diskGib' }]);
    }
    expect((await guests.planChange('vm', { diskGib: 5 })).problems).toEqual([]);
    // What such a disk is a difference to was made in its size.
    await guests.create({ name: 'tree', isolation: 'vm', image: 'busybox:latest', diskGib: 4 });
    expect((await guests.planChange('tree', { diskGib: 5 })).problems).toMatchObject([
      { error: { code: 'unsupported' } },
    ]);
  });

  test('does not mind what was wrong before', async () => {
    const guest = await guests.create(home.draft('web'));
    const mounts = [{ source: '/no/such/folder', target: '/data', readOnly: false }];
    home.rewrite(guest.id, { spec: { ...guest.spec, mounts } });
    guests = await home.engine();
    expect((await guests.planChange('web', { labels: { a: 'b' } })).problems).toEqual([]);
    expect((await guests.update('web', { labels: { a: 'b' } })).spec).toMatchObject({ labels: { a: 'b' }, mounts });
    expect((await guests.planChange('web', { cpus: -1 })).problems).toMatchObject([{ field: 'cpus' }]);
  });
});

describe('a change at once', () => {
  test('reaches the driver, the house and the record, and nothing is stopped', async () => {
    const { id } = await running();
    const changed = await guests.update('web', { memoryMib: 64, labels: { a: 'b' }, ports: [port(0)] });
    expect(changed).toMatchObject({ state: 'running', spec: { memoryMib: 64, labels: { a: 'b' } } });
    expect(changed.ports[0]?.hostPort).toBeGreaterThan(0);
    expect(updates).toEqual(['{"memoryMib":64}']);
    expect(home.house).toEqual([`publish web ${changed.ports[0]?.hostPort}`]);
    expect(home.driver.calls).toEqual([]);
    expect(home.manifest(id)).toMatchObject({ spec: { memoryMib: 64 }, before: null });
    expect(home.events.at(-1)).toBe('update web');
  });

  test('that the driver refuses is taken back everywhere', async () => {
    const { id } = await running();
    home.driver.failing.add('update');
    await expect(guests.update('web', { memoryMib: 64, ports: [port(0)] })).rejects.toMatchObject({
      code: 'resources',
    });
    expect(guests.inspect('web')).toMatchObject({ state: 'running', ports: [], spec: { memoryMib: 128, ports: [] } });
    expect(home.manifest(id)).toMatchObject({ spec: { memoryMib: 128 }, ports: [], before: null });
    expect(updates).toEqual(['{"memoryMib":64}', '{"memoryMib":128}']);
    expect(home.house.at(-1)).toBe('publish web');
  });

  test('that changes nothing does nothing', async () => {
    await running();
    await guests.update('web', { memoryMib: 128, env: { A: '1' } });
    expect(home.events.at(-1)).toBe('start web');
  });

  test('of what needs it made anew is refused, and says what that is', async () => {
    await running();
    await expect(guests.update('web', { env: { A: '2' } })).rejects.toMatchObject({
      code: 'wrong-state',
      cause: 'env cannot change so while it runs.',
    });
    expect(guests.inspect('web').spec.env).toEqual({ A: '1' });
  });

  test('for the worse is refused whole', async () => {
    await running();
    await expect(guests.update('web', { memoryMib: 64, cpus: 0 })).rejects.toMatchObject({ code: 'invalid' });
    expect(updates).toEqual([]);
  });

  test('of two guests to one port at the same time reaches one', async () => {
    for (const name of ['a', 'b']) await guests.create(home.draft(name));
    const [free] = (await guests.check(home.draft('c', { ports: [port(0)] }))).spec?.ports ?? [];
    const both = await Promise.allSettled(['a', 'b'].map((name) => guests.update(name, { ports: free ? [free] : [] })));
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});

describe('a guest made anew', () => {
  test('is stopped as it was and started as it shall be', async () => {
    const { id } = await running();
    const stopped: unknown[] = [];
    const { stop } = home.driver;
    home.driver.stop = async (guest, graceMs, operation) => {
      stopped.push(guest.spec.env, graceMs, home.manifest(id).before?.spec.env);
      return stop(guest, graceMs, operation);
    };
    const changed = await guests.update('web', { env: { A: '2' }, stopGraceMs: 5 }, true);
    expect(changed).toMatchObject({ state: 'running', spec: { env: { A: '2' } } });
    expect(stopped).toEqual([{ A: '1' }, 10_000, { A: '1' }]);
    expect(home.manifest(id)).toMatchObject({ wanted: 'running', before: null });
  });

  test('that does not start as it shall be runs again as it was', async () => {
    const { id } = await running();
    const { start } = home.driver;
    home.driver.start = async (guest, operation) => {
      if (guest.spec.env.A === '2') throw new GuesthouseError({ code: 'guest-failed', message: 'No.' });
      return start(guest, operation);
    };
    await expect(guests.update('web', { env: { A: '2' } }, true)).rejects.toMatchObject({ message: 'No.' });
    expect(guests.inspect('web')).toMatchObject({ state: 'running', spec: { env: { A: '1' } }, failure: null });
    expect(home.manifest(id)).toMatchObject({ spec: { env: { A: '1' } }, wanted: 'running', before: null });
    expect(home.events).not.toContain('update web');
  });

  test('that starts neither way is failed, as it was, and can be started', async () => {
    const { id } = await running();
    home.driver.failing.add('start');
    await expect(guests.update('web', { env: { A: '2' } }, true)).rejects.toMatchObject({ code: 'guest-failed' });
    expect(guests.inspect('web')).toMatchObject({ state: 'failed', spec: { env: { A: '1' } } });
    expect(home.manifest(id).before).toBeNull();
    home.driver.failing.clear();
    expect((await guests.start('web')).state).toBe('running');
  });

  test('that cannot be stopped goes on as it was', async () => {
    await running();
    home.driver.failing.add('stop');
    await expect(guests.update('web', { env: { A: '2' } }, true)).rejects.toMatchObject({ code: 'guest-failed' });
    expect(guests.inspect('web')).toMatchObject({ state: 'running', spec: { env: { A: '1' } } });
  });

  test('and given up by a kill is dead, as it was', async () => {
    await running();
    const { start } = home.driver;
    home.driver.start = (guest, operation) =>
      guest.spec.env.A === '2'
        ? new Promise((_, reject) => {
            // On a busy machine the kill may come before this.
            if (operation.signal.aborted) reject(operation.signal.reason);
            operation.signal.addEventListener('abort', () => reject(operation.signal.reason));
          })
        : start(guest, operation);
    const change = guests.update('web', { env: { A: '2' } }, true);
    change.catch(() => {});
    await expect.poll(() => guests.inspect('web').state).toBe('starting');
    await guests.kill('web');
    await expect(change).rejects.toMatchObject({ code: 'cancelled' });
    expect(guests.inspect('web')).toMatchObject({ state: 'stopped', spec: { env: { A: '1' } } });
  });
});

describe('an engine killed in the middle of a change', () => {
  const cutOff = async (state: 'before the stop' | 'stopped' | 'started anew') => {
    const { id } = await running();
    const { spec, ports, address, isoPath } = home.manifest(id);
    const ran = home.driver.alive.get(id)?.startedAt ?? null;
    home.rewrite(id, { spec: { ...spec, env: { A: '2' } }, before: { spec, ports, address, isoPath, ran } });
    if (state === 'stopped') {
      home.driver.alive.clear();
      home.rewrite(id, { wanted: 'stopped' });
    }
    const now = home.driver.alive.get(id);
    if (state === 'started anew' && now) home.driver.alive.set(id, { ...now, startedAt: now.startedAt + 7 });
    return id;
  };

  test.each([true, false])(
    'after the stop: the guest runs again as it was (an engine that stays: %s)',
    async (background) => {
      const id = await cutOff('stopped');
      guests = await home.engine({ background });
      await expect.poll(() => guests.inspect('web').state).toBe('running');
      expect(guests.inspect('web').spec.env).toEqual({ A: '1' });
      await expect.poll(() => home.manifest(id).before).toBeNull();
    },
  );

  test('before the stop: it goes on as it was', async () => {
    const id = await cutOff('before the stop');
    guests = await home.engine();
    expect(guests.inspect('web')).toMatchObject({ state: 'running', spec: { env: { A: '1' } } });
    expect(home.manifest(id).before).toBeNull();
    expect(updates.join()).toContain('128');
  });

  test('after the new start: it goes on as it shall be', async () => {
    const id = await cutOff('started anew');
    guests = await home.engine();
    expect(guests.inspect('web')).toMatchObject({ state: 'running', spec: { env: { A: '2' } } });
    expect(home.manifest(id).before).toBeNull();
  });

  test('of a stopped guest: it is as it was', async () => {
    const guest = await guests.create(home.draft('web'));
    const { spec, ports, address, isoPath } = home.manifest(guest.id);
    home.rewrite(guest.id, { spec: { ...spec, cpus: 2 }, before: { spec, ports, address, isoPath, ran: null } });
    guests = await home.engine();
    expect(guests.inspect('web')).toMatchObject({ state: 'stopped', spec: { cpus: 1 } });
    expect(home.manifest(guest.id).before).toBeNull();
  });
});

describe('a new name', () => {
  test('is known at once, on disk and to the network', async () => {
    const { id } = await running();
    expect(await guests.rename('web', 'site')).toMatchObject({ id, name: 'site', state: 'running' });
    expect(home.manifest(id).spec.name).toBe('site');
    expect(home.house).toEqual(['rename site']);
    expect(() => guests.inspect('web')).toThrow(expect.objectContaining({ code: 'not-found' }));
    expect(home.events.at(-1)).toBe('rename site');
  });

  test.each([
    ['db', 'conflict'],
    ['-x', 'invalid'],
    ['', 'invalid'],
    ['a'.repeat(64), 'invalid'],
  ])('%j is refused as %s', async (name, code) => {
    await running();
    await guests.create(home.draft('db'));
    await expect(guests.rename('web', name)).rejects.toMatchObject({ code });
    expect(guests.inspect('web').name).toBe('web');
  });

  test('that the network does not take is taken back', async () => {
    const { id } = await running();
    home.houseFails = true;
    await expect(guests.rename('web', 'site')).rejects.toThrow('The house refuses.');
    expect(guests.inspect('web').state).toBe('running');
    expect(home.manifest(id).spec.name).toBe('web');
  });

  test('given to two at the same time reaches one', async () => {
    for (const name of ['a', 'b']) await guests.create(home.draft(name));
    const both = await Promise.allSettled(['a', 'b'].map((name) => guests.rename(name, 'c')));
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test('of a stopped guest needs no network', async () => {
    await guests.create(home.draft('web'));
    home.houseFails = true;
    expect((await guests.rename('web', 'site')).name).toBe('site');
  });
});
