import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type GuestsHome, makeGuestsHome } from '../../test/fakes/guests-home.ts';

let home: GuestsHome;
beforeEach(() => {
  home = makeGuestsHome();
});
afterEach(() => home.end());

const always = { when: 'always', maxRetries: null } as const;
const onFailure = (maxRetries: number | null) => ({ when: 'on-failure', maxRetries }) as const;
const restart = (when: 'always' | 'unless-stopped' | 'no') => ({ restart: { when, maxRetries: null } });
const starts = () => home.driver.calls.filter((call) => call.startsWith('start ')).length;

describe('a guest that ends by itself', () => {
  test('is started anew, says so while it waits, and counts', async () => {
    const guests = await home.engine();
    const guest = await guests.create(home.draft('web', { restart: always }));
    await guests.start('web');
    await home.ends(guests, guest, { code: 0 });
    expect(guests.inspect('web')).toMatchObject({
      state: 'stopped',
      exit: { code: 0 },
      notes: ['Its restart policy starts it again after a wait of 0.1 s.'],
    });
    await expect.poll(() => guests.inspect('web').state).toBe('running');
    expect(guests.inspect('web')).toMatchObject({ restarts: 1, notes: [] });
    expect(home.events).toEqual(['create web', 'start web', 'die web', 'start web']);
  });

  test('waits twice as long each time, and is given up after its last try', async () => {
    const guests = await home.engine();
    const guest = await guests.create(home.draft('web', { restart: onFailure(2) }));
    await guests.start('web');
    const waits: number[] = [];
    for (let run = 1; run <= 3; run++) {
      await home.ends(guests, guest, { code: 7 });
      waits.push(home.manifest(guest.id).waitMs);
      if (run < 3) await expect.poll(() => guests.inspect('web').state).toBe('running');
    }
    expect(waits).toEqual([100, 200, 0]);
    expect(guests.inspect('web')).toMatchObject({ state: 'stopped', restarts: 2, notes: [], exit: { code: 7 } });
    expect(home.manifest(guest.id).wanted).toBe('stopped');
  });

  test('with success is left alone by `on-failure`', async () => {
    const guests = await home.engine();
    const guest = await guests.create(home.draft('web', { restart: onFailure(null) }));
    await guests.start('web');
    await home.ends(guests, guest, { code: 0 });
    expect(guests.inspect('web').notes).toEqual([]);
    expect(home.manifest(guest.id).wanted).toBe('stopped');
  });

  test('for want of memory is started anew too, and its failure is shown meanwhile', async () => {
    const guests = await home.engine();
    const guest = await guests.create(home.draft('web', { restart: onFailure(null) }));
    await guests.start('web');
    await home.ends(guests, guest, { code: 137, signal: 9, outOfMemory: true });
    expect(guests.inspect('web')).toMatchObject({ state: 'failed', failure: { code: 'guest-failed' } });
    await expect.poll(() => guests.inspect('web').state).toBe('running');
    expect(home.events.slice(2, 4)).toEqual(['oom web', 'die web']);
  });

  test('and cannot be started anew is tried again and again', async () => {
    const guests = await home.engine();
    const guest = await guests.create(home.draft('web', { restart: always }));
    await guests.start('web');
    home.driver.failing.add('start');
    await home.ends(guests, guest);
    // A moment in which nobody is needed is one in which the keeper leaves.
    while (home.manifest(guest.id).waitMs < 400) {
      expect(guests.kept()).toEqual(['web']);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(guests.inspect('web')).toMatchObject({ state: 'failed', failure: { message: 'start was told to fail.' } });
    home.driver.failing.clear();
    await expect.poll(() => guests.inspect('web').state, { timeout: 5_000 }).toBe('running');
  });

  test('is not started anew by a short command, which says who will', async () => {
    const guests = await home.engine({ background: false });
    const guest = await guests.create(home.draft('web', { restart: always }));
    await guests.start('web');
    await home.ends(guests, guest);
    expect(guests.inspect('web').notes).toEqual(['Its restart policy starts it again as soon as Guesthouse is open.']);
    expect(guests.kept()).toEqual(['web']);
    expect(home.manifest(guest.id).wanted).toBe('running');
  });
});

describe('a person’s word', () => {
  const waiting = async () => {
    const guests = await home.engine();
    const guest = await guests.create(home.draft('web', { restart: always }));
    await guests.start('web');
    for (const _ of [1, 2]) {
      await home.ends(guests, guest);
      await expect.poll(() => guests.inspect('web').state).toBe('running');
    }
    await home.ends(guests, guest); // the wait is 0.4 s now
    return { guests, guest };
  };

  test.each(['stop', 'kill'] as const)('%s ends the cycle while it waits', async (verb) => {
    const { guests, guest } = await waiting();
    const before = starts();
    expect(await guests[verb]('web')).toMatchObject({ state: 'stopped', notes: [] });
    expect(home.manifest(guest.id)).toMatchObject({ wanted: 'stopped', waitMs: 0 });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(starts()).toBe(before);
    await expect(guests.stop('web')).rejects.toMatchObject({ code: 'wrong-state' });
  });

  test('start begins at once, and the count anew', async () => {
    const { guests } = await waiting();
    expect(await guests.start('web')).toMatchObject({ state: 'running', restarts: 0 });
  });

  test('remove takes it away while it waits', async () => {
    const { guests } = await waiting();
    await guests.remove('web');
    expect(guests.list()).toEqual([]);
  });

  test('stop in the middle of such a start takes that back', async () => {
    const guests = await home.engine();
    const guest = await guests.create(home.draft('web', { restart: always }));
    await guests.start('web');
    home.driver.waiting.set('start', new Promise(() => {}));
    await home.ends(guests, guest);
    await expect.poll(() => guests.inspect('web').state).toBe('starting');
    expect(await guests.stop('web')).toMatchObject({ state: 'stopped', notes: [] });
    expect(home.manifest(guest.id).wanted).toBe('stopped');
  });

  test.each(['stop', 'kill'] as const)('%s at the moment a run is over as soon as it began', async (verb) => {
    const guests = await home.engine();
    const guest = await guests.create(home.draft('web', { restart: always }));
    await guests.start('web');
    const { promise, resolve } = Promise.withResolvers<void>();
    home.up = promise;
    await home.ends(guests, guest);
    await expect.poll(() => guests.inspect('web').state).toBe('starting');
    const asked = guests[verb]('web');
    const ended = home.ends(guests, guest);
    resolve();
    await Promise.all([ended, asked]);
    expect(guests.inspect('web')).toMatchObject({ state: 'stopped', notes: [] });
    expect(home.manifest(guest.id).wanted).toBe('stopped');
  });

  test('stop of a running one stays', async () => {
    const guests = await home.engine();
    const guest = await guests.create(home.draft('web', { restart: always }));
    await guests.start('web');
    await guests.stop('web');
    expect(guests.inspect('web').notes).toEqual([]);
    expect(home.manifest(guest.id).wanted).toBe('stopped');
  });

  test('a policy taken away while it waits is gone', async () => {
    const { guests, guest } = await waiting();
    await guests.update('web', restart('no'));
    expect(guests.inspect('web').notes).toEqual([]);
    expect(home.manifest(guest.id).wanted).toBe('stopped');
  });

  test('a start that a person asked for and that fails is not tried again', async () => {
    const guests = await home.engine();
    await guests.create(home.draft('web', { restart: always }));
    home.driver.failing.add('start');
    await expect(guests.start('web')).rejects.toMatchObject({ code: 'guest-failed' });
    expect(guests.inspect('web').notes).toEqual([]);
  });
});

describe('when an engine opens', () => {
  /** Started, and gone while nobody looked. `reboot`: with the host. */
  const gone = async (policy: Parameters<typeof restart>[0] | 'on-failure', how: 'code 0' | 'code 1' | 'reboot') => {
    const guests = await home.engine();
    const when = policy;
    const guest = await guests.create(home.draft('web', { restart: { when, maxRetries: null } }));
    await guests.start('web');
    home.driver.alive.clear();
    const exit = { code: how === 'code 0' ? 0 : 1, signal: null, outOfMemory: false, at: Date.now() };
    home.driver.reap = async () => (how === 'reboot' ? null : exit);
    if (how === 'reboot') home.rewrite(guest.id, { bootId: 'an earlier one' });
    return guest;
  };

  test.each([
    ['no', 'reboot', false],
    ['no', 'code 1', false],
    ['on-failure', 'code 0', false],
    ['on-failure', 'code 1', true],
    ['on-failure', 'reboot', true],
    ['always', 'code 0', true],
    ['always', 'reboot', true],
    ['unless-stopped', 'code 0', true],
    ['unless-stopped', 'reboot', true],
  ] as const)('one with %s that went with %s starts: %s', async (policy, how, expected) => {
    const guest = await gone(policy, how);
    const guests = await home.engine();
    expect(guests.inspect('web').notes).toHaveLength(expected ? 1 : 0);
    expect(home.manifest(guest.id).wanted).toBe(expected ? 'running' : 'stopped');
    if (expected) await expect.poll(() => guests.inspect('web').state).toBe('running');
  });

  test.each([
    ['always', true],
    ['unless-stopped', false],
  ] as const)('one stopped by a person before the host restarted, with %s, starts: %s', async (when, expected) => {
    const first = await home.engine();
    const guest = await first.create(home.draft('web', restart(when)));
    await first.start('web');
    await first.stop('web');
    expect((await home.engine()).inspect('web').notes).toEqual([]);
    home.rewrite(guest.id, { bootId: 'an earlier one' });
    const guests = await home.engine();
    expect(guests.inspect('web').notes).toHaveLength(expected ? 1 : 0);
    if (expected) await expect.poll(() => guests.inspect('web').state).toBe('running');
  });

  test('one that never ran stays so', async () => {
    const first = await home.engine();
    await first.create(home.draft('web', restart('always')));
    expect((await home.engine()).inspect('web')).toMatchObject({ state: 'stopped', notes: [] });
  });

  test('one that waited when the last engine was killed waits on', async () => {
    const first = await home.engine();
    const guest = await first.create(home.draft('web', { restart: always }));
    await first.start('web');
    await home.ends(first, guest, { code: 9 });
    const calls = starts();
    const guests = await home.engine();
    expect(guests.inspect('web')).toMatchObject({ state: 'stopped', exit: { code: 9 }, notes: [expect.any(String)] });
    await expect.poll(() => guests.inspect('web').state).toBe('running');
    expect(starts()).toBe(calls + 1);
    expect(guests.inspect('web').restarts).toBe(1);
  });

  test('one that ends while it is being met again is started anew', async () => {
    const first = await home.engine();
    const guest = await first.create(home.draft('web', { restart: always }));
    await first.start('web');
    const { adopt } = home.driver;
    let ended: Promise<void> | null = null;
    home.driver.adopt = async (record) => {
      const running = await adopt(record);
      ended = home.ends(home.current, guest);
      return running;
    };
    const guests = await home.engine();
    await ended;
    expect(guests.inspect('web').exit).toMatchObject({ code: 1 });
    await expect.poll(() => guests.inspect('web')).toMatchObject({ state: 'running', restarts: 1 });
  });

  test('a short command only looks, and a stop asked of it is kept', async () => {
    await gone('always', 'reboot');
    const short = await home.engine({ background: false });
    expect(short.kept()).toEqual(['web']);
    expect(starts()).toBe(1);
    await short.stop('web');
    const guests = await home.engine();
    expect(guests.inspect('web')).toMatchObject({ state: 'stopped', notes: [] });
  });

  test('dozens do not all start at once', async () => {
    const first = await home.engine();
    for (let number = 0; number < 12; number++) {
      await first.create(home.draft(`g${number}`, { restart: always }));
      await first.start(`g${number}`);
    }
    home.driver.alive.clear();
    let now = 0;
    let most = 0;
    const start = home.driver.start;
    home.driver.start = async (guest, operation) => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 5));
      now -= 1;
      return start(guest, operation);
    };
    const guests = await home.engine();
    await expect.poll(() => guests.list().filter(({ state }) => state === 'running').length).toBe(12);
    expect(most).toBeLessThanOrEqual(4);
  });
});

describe('a disposable guest', () => {
  test('goes with its end, which is still told', async () => {
    const guests = await home.engine();
    const guest = await guests.create(home.draft('job', { disposable: true }));
    await guests.start('job');
    await home.ends(guests, guest, { code: 5 });
    await expect.poll(() => guests.list()).toEqual([]);
    expect(guests.gone('job')).toMatchObject({ id: guest.id, state: 'stopped', exit: { code: 5 } });
    expect(guests.gone(guest.id).exit?.code).toBe(5);
    expect(home.seen.slice(-3)).toEqual(['job stopped', 'job deleting', 'removed']);
    expect(home.events).toEqual(['create job', 'start job', 'die job', 'remove job']);
  });

  test.each(['stop', 'kill'] as const)('goes with a %s', async (verb) => {
    const guests = await home.engine();
    await guests.create(home.draft('job', { disposable: true }));
    await guests.start('job');
    expect((await guests[verb]('job')).state).toBe('stopped');
    await expect.poll(() => guests.list()).toEqual([]);
  });

  test('goes when it cannot be started, but not before it was ever asked to', async () => {
    const guests = await home.engine();
    await guests.create(home.draft('job', { disposable: true }));
    expect((await home.engine()).list()).toHaveLength(1);
    const next = await home.engine();
    home.driver.failing.add('start');
    await expect(next.start('job')).rejects.toMatchObject({ code: 'guest-failed' });
    await expect.poll(() => next.list()).toEqual([]);
  });

  test('removed by force at the same time is removed once', async () => {
    const guests = await home.engine();
    await guests.create(home.draft('job', { disposable: true }));
    await guests.start('job');
    await guests.remove('job', true);
    expect(guests.list()).toEqual([]);
    expect(home.driver.calls.filter((call) => call === 'remove job')).toHaveLength(1);
  });

  test('that ended while no engine was open is gone with the next', async () => {
    const first = await home.engine();
    await first.create(home.draft('job', { disposable: true }));
    await first.start('job');
    home.driver.alive.clear();
    expect((await home.engine({ background: false })).list()).toEqual([]);
    expect(home.driver.calls).toContain('remove job');
    expect(home.events.slice(-2)).toEqual(['die job', 'remove job']);
  });

  test('that cannot be removed stays, failed, and is tried again by the next engine', async () => {
    const first = await home.engine();
    const guest = await first.create(home.draft('job', { disposable: true }));
    await first.start('job');
    home.driver.failing.add('remove');
    await home.ends(first, guest);
    await expect.poll(() => first.inspect('job').state).toBe('failed');
    home.driver.failing.clear();
    expect((await home.engine()).list()).toEqual([]);
  });
});
