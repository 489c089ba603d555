import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFakeDriver, type FakeDriver, STARTED_AT } from '../../test/fakes/driver.ts';
import { fakeImage, fakeImages } from '../../test/fakes/images.ts';
import { fakeNetworks } from '../../test/fakes/networks.ts';
import { fakeVolumes } from '../../test/fakes/volumes.ts';
import type { Guest } from '../contract/guest.ts';
import { createLog } from '../host/log.ts';
import { type Paths, resolvePaths } from '../host/paths.ts';
import { Costs } from './costs.ts';
import { Guests } from './guests.ts';
import { Operations } from './operations.ts';
import { recover } from './recover.ts';

let home: string;
let paths: Paths;
let driver: FakeDriver;
let seen: string[];
let operations: Operations;

function makeGuests(): Guests {
  const log = createLog(paths.log);
  operations = new Operations(home, log, () => {});
  return new Guests({
    paths,
    log,
    images: fakeImages([fakeImage('busybox:latest'), fakeImage('setup:latest', 'iso')]),
    volumes: fakeVolumes(),
    networks: fakeNetworks(),
    operations,
    costs: new Costs(join(home, 'costs.json')),
    house: { publish: async () => {}, rename: async () => {} },
    background: false,
    record: () => {},
    driverFor: async () => driver,
    onChange: (guest: Guest) => seen.push(`${guest.name} ${guest.state}`),
    onRemoved: (id) => seen.push(`removed ${id.length}`),
    onForgotten: () => {},
    onUp: () => {},
  });
}

const draft = (name: string) => ({ name, isolation: 'container', image: 'busybox:latest' }) as const;
const manifestOf = (id: string) => JSON.parse(readFileSync(join(paths.guests, id, 'guest.json'), 'utf8'));
const code = (code: string) => expect.objectContaining({ code });

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'gh-guests-'));
  paths = resolvePaths({ GUESTHOUSE_HOME: home, XDG_RUNTIME_DIR: home });
  mkdirSync(paths.guests, { recursive: true });
  driver = createFakeDriver();
  seen = [];
});
afterEach(() => {
  rmSync(paths.run, { recursive: true, force: true });
  rmSync(home, { recursive: true, force: true });
});

describe('creation', () => {
  test('writes the intent, makes the storage, and is stopped', async () => {
    const guest = await makeGuests().create(draft('web'));
    expect(guest).toMatchObject({ name: 'web', state: 'stopped', address: expect.stringMatching(/^10\.99\./) });
    expect(seen).toEqual(['web creating', 'web stopped']);
    expect(manifestOf(guest.id)).toMatchObject({ mark: 'ready', wanted: 'stopped', spec: { name: 'web' } });
  });

  test('leaves nothing when the driver fails', async () => {
    driver.failing.add('create');
    const guests = makeGuests();
    await expect(guests.create(draft('web'))).rejects.toThrow(code('guest-failed'));
    expect(guests.list()).toEqual([]);
    expect(readdirSync(paths.guests)).toEqual([]);
    expect(driver.calls).toEqual(['create web', 'remove web']);
  });

  test('on a full disk says so, and not that we are at fault', async () => {
    driver.create = async () => {
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    };
    const guests = makeGuests();
    const error = await guests.create(draft('web')).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'resources', message: 'No space left while creating web.' });
    expect(operations.list()[0]?.error?.code).toBe('resources');
    expect(readdirSync(paths.guests)).toEqual([]);
  });

  test('leaves nothing when it is cancelled', async () => {
    driver.waiting.set('create', new Promise(() => {}));
    const guests = makeGuests();
    const creation = guests.create(draft('web'));
    await expect.poll(() => driver.calls).toContain('create web');
    operations.cancel(operations.list()[0]?.id as string);
    await expect(creation).rejects.toThrow(code('cancelled'));
    expect(readdirSync(paths.guests)).toEqual([]);
  });

  test('that can neither be finished nor taken back stays in the list until it can', async () => {
    driver.failing.add('create').add('remove');
    const guests = makeGuests();
    await expect(guests.create(draft('web'))).rejects.toThrow(code('guest-failed'));
    const [left] = guests.list();
    expect(left).toMatchObject({ name: 'web', state: 'failed' });
    expect(manifestOf(left?.id as string).mark).toBe('creating');
    driver.failing.clear();
    await guests.remove('web');
    expect(readdirSync(paths.guests)).toEqual([]);
  });

  test('is given up by a removal with force', async () => {
    driver.waiting.set('create', new Promise(() => {}));
    const guests = makeGuests();
    const creation = guests.create(draft('web'));
    creation.catch(() => {});
    await expect.poll(() => driver.calls).toContain('create web');
    await guests.remove('web', true);
    await expect(creation).rejects.toThrow(code('cancelled'));
    expect(readdirSync(paths.guests)).toEqual([]);
  });

  test('of one name twice at once makes one guest', async () => {
    const guests = makeGuests();
    const results = await Promise.allSettled([guests.create(draft('web')), guests.create(draft('web'))]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(guests.list()).toHaveLength(1);
  });
});

describe('a life', () => {
  test('why it stands still is told until it goes on', async () => {
    const guests = makeGuests();
    const { id } = await guests.create(draft('web'));
    await guests.start('web');
    guests.pausedByItself(id, true, 'The disk is full.');
    expect(guests.inspect('web')).toMatchObject({ state: 'paused', notes: ['The disk is full.'] });
    expect(await guests.resume('web')).toMatchObject({ state: 'running', notes: [] });
    guests.pausedByItself(id, true, 'The disk is full.');
    guests.pausedByItself(id, false, null);
    expect(guests.inspect('web')).toMatchObject({ state: 'running', notes: [] });
  });

  test('start, pause, resume, stop, remove', async () => {
    const guests = makeGuests();
    const { id } = await guests.create(draft('web'));
    seen = [];
    expect((await guests.start('web')).state).toBe('running');
    expect(manifestOf(id).wanted).toBe('running');
    expect((await guests.pause('web')).state).toBe('paused');
    expect((await guests.resume('web')).state).toBe('running');
    expect(await guests.stop('web')).toMatchObject({ state: 'stopped', exit: { code: 0 } });
    await guests.remove('web');
    expect(existsSync(join(paths.guests, id))).toBe(false);
    expect(seen.filter((one, index) => one !== seen[index - 1])).toEqual([
      'web starting',
      'web running',
      'web paused',
      'web running',
      'web stopping',
      'web stopped',
      'web deleting',
      'removed 12',
    ]);
  });

  test('a failed start says why and may be tried again', async () => {
    const guests = makeGuests();
    await guests.create(draft('web'));
    driver.failing.add('start');
    await expect(guests.start('web')).rejects.toThrow(code('guest-failed'));
    expect(guests.inspect('web')).toMatchObject({ state: 'failed', failure: { message: 'start was told to fail.' } });
    driver.failing.clear();
    expect(await guests.start('web')).toMatchObject({ state: 'running', failure: null });
  });

  test('a second verb is refused while one holds the guest, but kill gets through', async () => {
    const guests = makeGuests();
    await guests.create(draft('web'));
    driver.waiting.set('start', new Promise(() => {}));
    const start = guests.start('web');
    start.catch(() => {});
    await expect(guests.stop('web')).rejects.toThrow(code('busy'));
    expect(await guests.kill('web')).toMatchObject({ state: 'stopped' });
    await expect(start).rejects.toThrow(code('cancelled'));
  });

  test('a program that ends by itself is recorded once, also when it ends during the start', async () => {
    const guests = makeGuests();
    const { id } = await guests.create(draft('web'));
    let release = () => {};
    driver.waiting.set(
      'start',
      new Promise((resolve) => {
        release = resolve;
      }),
    );
    const start = guests.start('web');
    await expect.poll(() => driver.calls).toContain('start web');
    const ended = guests.exited(id, { code: 7, signal: null, outOfMemory: false, at: 1 }, STARTED_AT);
    release();
    await Promise.all([start, ended]);
    expect(guests.inspect('web')).toMatchObject({ state: 'stopped', exit: { code: 7 } });
    expect(driver.calls.filter((call) => call === 'reap web')).toHaveLength(1);
  });

  test('a start that fails although the program ended meanwhile leaves the guest free', async () => {
    const guests = makeGuests();
    const { id } = await guests.create(draft('web'));
    driver.failing.add('start');
    const start = guests.start('web');
    const ended = guests.exited(id, { code: 1, signal: null, outOfMemory: false, at: 1 }, STARTED_AT);
    await expect(start).rejects.toThrow(code('guest-failed'));
    await ended;
    driver.failing.clear();
    expect((await guests.start('web')).state).toBe('running');
  });

  test('ends although nothing can be recorded', async () => {
    const guests = makeGuests();
    const { id } = await guests.create(draft('web'));
    await guests.start('web');
    // A folder where the new guest.json has to go: as good as a full disk.
    rmSync(join(paths.guests, id, 'guest.json'));
    mkdirSync(join(paths.guests, id, 'guest.json', 'in the way'), { recursive: true });
    expect((await guests.stop('web')).state).toBe('stopped');
    await guests.remove('web');
    expect(existsSync(join(paths.guests, id))).toBe(false);
  });

  test('the end of an earlier run, heard late, does not end the next one', async () => {
    const guests = makeGuests();
    const { id } = await guests.create(draft('web'));
    await guests.start('web');
    const restart = guests.restart('web');
    const late = guests.exited(id, { code: 143, signal: 15, outOfMemory: false, at: 1 }, STARTED_AT - 1);
    await Promise.all([restart, late]);
    expect(guests.inspect('web').state).toBe('running');
  });

  test('out of memory is a failure with a way out', async () => {
    const guests = makeGuests();
    const { id } = await guests.create(draft('web'));
    await guests.start('web');
    await guests.exited(id, { code: 137, signal: 9, outOfMemory: true, at: 1 }, STARTED_AT);
    expect(guests.inspect('web')).toMatchObject({ state: 'failed', failure: { hint: 'Give it more memory.' } });
  });

  test('a running guest is removed only by force', async () => {
    const guests = makeGuests();
    await guests.create(draft('web'));
    await guests.start('web');
    await expect(guests.remove('web')).rejects.toThrow(code('wrong-state'));
    await guests.remove('web', true);
    expect(guests.list()).toEqual([]);
    expect(driver.alive.size).toBe(0);
  });

  test('a removal that fails keeps the guest in the list, and a second try finishes it', async () => {
    const guests = makeGuests();
    const { id } = await guests.create(draft('web'));
    driver.failing.add('remove');
    await expect(guests.remove('web')).rejects.toThrow(code('guest-failed'));
    expect(guests.inspect('web').state).toBe('failed');
    driver.failing.clear();
    await guests.remove('web');
    expect(existsSync(join(paths.guests, id))).toBe(false);
  });
});

describe('after a crash', () => {
  const again = async () => {
    const guests = makeGuests();
    const unreadable = await recover(guests, {
      paths,
      log: createLog(paths.log),
      driverFor: async () => driver,
      onUp: async () => {},
      record: () => {},
    });
    return { guests, unreadable };
  };

  test('running guests are met again, ended ones are recorded', async () => {
    const before = makeGuests();
    const a = await before.create(draft('a'));
    const b = await before.create(draft('b'));
    await before.start('a');
    await before.start('b');
    driver.alive.delete(b.id);
    const { guests } = await again();
    expect(guests.inspect(a.id).state).toBe('running');
    expect(guests.inspect(b.id)).toMatchObject({ state: 'stopped', exit: { code: 0 } });
    expect(manifestOf(b.id).wanted).toBe('stopped');
  });

  test.each(['creating', 'deleting'])('a guest marked %s is swept', async (mark) => {
    const guest = await makeGuests().create(draft('web'));
    const path = join(paths.guests, guest.id, 'guest.json');
    writeFileSync(path, JSON.stringify({ ...manifestOf(guest.id), mark }));
    const { guests } = await again();
    expect(guests.list()).toEqual([]);
    expect(driver.calls).toContain('remove web');
    expect(readdirSync(paths.guests)).toEqual([]);
  });

  test('a guest that cannot be met again stays in the list', async () => {
    const guest = await makeGuests().create(draft('web'));
    driver.adopt = async () => {
      throw new Error('no answer');
    };
    const { guests, unreadable } = await again();
    expect(guests.inspect(guest.id)).toMatchObject({ state: 'failed', failure: { message: 'no answer' } });
    expect(unreadable).toEqual([{ id: guest.id, reason: 'no answer' }]);
  });

  test('a damaged or newer guest.json is reported and left alone', async () => {
    const guest = await makeGuests().create(draft('web'));
    const path = join(paths.guests, guest.id, 'guest.json');
    writeFileSync(path, '{"version": 1, ');
    expect((await again()).unreadable).toEqual([{ id: guest.id, reason: expect.stringContaining('damaged') }]);
    writeFileSync(path, '{"version": 99}');
    expect((await again()).unreadable).toEqual([{ id: guest.id, reason: expect.stringContaining('newer') }]);
    expect(readFileSync(path, 'utf8')).toBe('{"version": 99}');
  });
});
