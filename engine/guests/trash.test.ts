import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type GuestsHome, makeGuestsHome } from '../../test/fakes/guests-home.ts';
import { DAY_MS } from './trash-days.ts';

let home: GuestsHome;
beforeEach(() => {
  home = makeGuestsHome();
});
afterEach(() => {
  vi.restoreAllMocks();
  home.end();
});

const port = { hostIp: '127.0.0.1', hostPort: 38_471, guestPort: 80, protocol: 'tcp' } as const;
const removals = () => home.driver.calls.filter((call) => call.startsWith('remove'));
const names = () => home.current.trash.list().guests.map(({ name }) => name);

/** A guest that was removed and is kept. */
async function trashed(name = 'web', more = {}) {
  const guests = await home.engine();
  const guest = await guests.create(home.draft(name, more));
  expect(await guests.remove(name, false, true)).toBe(true);
  return { guests, guest };
}

test('what is removed is in no list and comes back as it was', async () => {
  const { guests, guest } = await trashed('web', { ports: [port] });
  expect(guests.list()).toEqual([]);
  expect(home.seen.at(-1)).toBe('removed');
  expect(removals()).toEqual([]);
  expect(home.manifest(guest.id)).toMatchObject({ mark: 'ready', trashed: { at: expect.any(Number) } });
  const kept = { id: guest.id, name: 'web', isolation: 'container', image: 'busybox:latest' };
  expect(guests.trash.list()).toMatchObject({ keepDays: 1, guests: [kept] });
  await expect(guests.start('web')).rejects.toMatchObject({ code: 'not-found' });

  const back = await guests.trash.restore('web');
  expect(back).toMatchObject({ id: guest.id, state: 'stopped', address: guest.address, ports: [port], notes: [] });
  expect(guests.trash.list().guests).toEqual([]);
  expect(home.manifest(guest.id).trashed).toBeNull();
  expect(await guests.start('web')).toMatchObject({ state: 'running' });
  expect(home.events.slice(-3)).toEqual(['remove web', 'put-back web', 'start web']);
});

test('its name, ports and address are free, and what others took is not taken from them', async () => {
  const { guests, guest } = await trashed('web', { ports: [port] });
  const other = await guests.create(home.draft('web', { ports: [port] }));
  home.rewrite(other.id, {
    address: guest.address,
    addresses: guest.addresses.map(({ network, v4 }) => ({ network, v4, v6: null })),
  });
  const next = await home.engine();
  await expect(next.trash.restore(guest.id)).rejects.toMatchObject({
    code: 'conflict',
    hint: expect.stringContaining('--name'),
  });
  expect(names()).toEqual(['web']);
  const back = await next.trash.restore(guest.id, 'web-old');
  expect(back).toMatchObject({ name: 'web-old', notes: [expect.stringMatching(/^127.0.0.1:38471 is web's by now/)] });
  expect(back.ports[0]?.hostPort).not.toBe(38_471);
  expect(back.address).not.toBe(guest.address);
  await expect(next.trash.restore(guest.id)).rejects.toMatchObject({ code: 'not-found' });
});

test('another engine finds it there, and neither meets nor starts it', async () => {
  const { guest } = await trashed('web', { restart: { when: 'always', maxRetries: null } });
  const calls = home.driver.calls.length;
  const next = await home.engine();
  expect(next.list()).toEqual([]);
  expect(names()).toEqual(['web']);
  expect(home.driver.calls.slice(calls)).toEqual([]);
  expect(await next.trash.restore(guest.id)).toMatchObject({ name: 'web', state: 'stopped' });
});

test('it goes for good when it is emptied, and a kill in the middle of that is carried on', async () => {
  const { guests, guest } = await trashed();
  const kept = await guests.create(home.draft('other'));
  await guests.remove('other', false, true);
  await expect(guests.trash.empty(['nobody'])).rejects.toMatchObject({ code: 'not-found' });
  home.driver.failing.add('remove');
  await expect(guests.trash.empty(['web'])).rejects.toMatchObject({ code: 'guest-failed' });
  expect(home.manifest(guest.id).mark).toBe('deleting');
  await expect(guests.trash.restore('web')).rejects.toMatchObject({ code: 'busy' });
  home.driver.failing.clear();

  const next = await home.engine();
  expect(next.list()).toEqual([]);
  expect(names()).toEqual(['other']);
  expect(() => home.manifest(guest.id)).toThrow('ENOENT');
  expect(await next.trash.empty()).toEqual(['other']);
  expect(() => home.manifest(kept.id)).toThrow('ENOENT');
  expect(home.events.at(-1)).toBe('empty other');
});

test.each([
  ['its time is over', { trashed: { at: Date.now() - DAY_MS - 1 } }, false, []],
  ['the disk runs short', { trashed: { at: Date.now() - 120_000 } }, true, []],
  ['the disk runs short, but it was removed this minute', { trashed: { at: Date.now() } }, true, ['web']],
  ['it has time and room', { trashed: { at: Date.now() - DAY_MS / 2 } }, false, ['web']],
])('by itself: %s', async (_, change, isShort, left) => {
  const { guest } = await trashed();
  home.rewrite(guest.id, change);
  const next = await home.engine();
  await next.trash.look(async () => isShort);
  expect(names()).toEqual(left);
});

test('as long as it is told', async () => {
  const { guests, guest } = await trashed();
  await guests.trash.keep(3);
  home.rewrite(guest.id, { trashed: { at: Date.now() - 2 * DAY_MS } });
  const next = await home.engine();
  await next.trash.look(async () => false);
  expect(next.trash.list()).toMatchObject({ keepDays: 3, guests: [{ name: 'web' }] });
  await next.trash.keep(0);
  await next.create(home.draft('at-once'));
  expect(await next.remove('at-once', false, true)).toBe(false);
  expect(removals()).toEqual(['remove at-once']);
});

test.each([
  ['was never whole', 'creating' as const, false],
  ['goes with its end', null, true],
])('not one that %s', async (_, mark, disposable) => {
  const guests = await home.engine();
  const guest = await guests.create(home.draft('web', disposable ? { disposable } : {}));
  if (mark) {
    const entry = guests.entry(guest.id);
    entry.manifest = { ...entry.manifest, mark };
  }
  expect(await guests.remove('web', false, true)).toBe(false);
  expect(removals()).toEqual(['remove web']);
});

test('on a full disk it goes at once, which is how the disk gets emptier', async () => {
  const guests = await home.engine();
  const guest = await guests.create(home.draft('web'));
  const { ledger } = guests.rooms();
  vi.spyOn(ledger, 'write').mockRejectedValue(Object.assign(new Error('full'), { code: 'ENOSPC' }));
  expect(await guests.remove('web', false, true)).toBe(false);
  expect(() => home.manifest(guest.id)).toThrow('ENOENT');
});

test('disks that are open without it are closed before it goes', async () => {
  const guests = await home.engine();
  const { id } = await guests.create(home.draft('box'));
  let open = true;
  const rescue = {
    now: () => (open ? ({} as never) : null),
    close: async () => {
      open = false;
      home.driver.calls.push(`closed, in the trash: ${Boolean(home.manifest(id).trashed)}`);
    },
  };
  Object.assign(home.driver, { rescue });
  expect(await guests.remove('box', false, true)).toBe(true);
  expect(home.driver.calls.at(-1)).toBe('closed, in the trash: false');
  expect(await guests.trash.restore('box')).not.toHaveProperty('rescue');
});
