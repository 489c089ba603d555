/** What the fake engine keeps beside guests and images: networks, volumes, the trash, and what guests cost. */
import { type Guest, type GuestCost, GuesthouseError, type Network, type Volume } from '../../engine/contract/index.ts';
import { makeGuest } from './engine-data.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MIB = 1024 ** 2;

/** The one that is always there, an isolated one, and one that nobody is on. */
export function makeNetworks(guests: Iterable<Guest>, now: number): Network[] {
  const network = (n: number, name: string, more: Partial<Network> = {}): Network => ({
    id: `0e7${n}`.padStart(12, '0'),
    name,
    mode: 'nat',
    subnet4: n === 0 ? '10.99.0.0/20' : `10.99.${15 + n}.0/24`,
    gateway4: n === 0 ? '10.99.0.1' : `10.99.${15 + n}.1`,
    subnet6: `fd4c:9a1e:77b2:${n}::/64`,
    gateway6: `fd4c:9a1e:77b2:${n}::1`,
    builtIn: n === 0,
    createdAt: now - (9 - n) * DAY,
    labels: {},
    usedBy: [],
    ...more,
  });
  return [
    network(0, 'nat', { usedBy: [...guests].map(({ name }) => name) }),
    network(1, 'backstage', { mode: 'isolated', usedBy: ['orders-api', 'orders-db'] }),
    network(2, 'lab', { subnet6: null, gateway6: null, usedBy: ['old-wiki (in the trash)'] }),
    network(3, 'spare', { mode: 'isolated' }),
  ];
}

/** Named ones and one that an image asked for; one was not measured yet. */
export function makeVolumes(now: number): Volume[] {
  const volume = (n: number, name: string, more: Partial<Volume> = {}): Volume => ({
    id: `b01${n}`.padStart(12, '0'),
    name,
    createdAt: now - n * DAY,
    anonymous: false,
    sizeBytes: 57 * n ** 3 * MIB,
    labels: {},
    usedBy: [],
    ...more,
  });
  return [
    volume(4, 'orders-data', { labels: { team: 'orders', backup: 'nightly' }, usedBy: ['orders-db'] }),
    volume(3, 'site', { usedBy: ['web-gateway', 'grafana'] }),
    volume(2, 'wiki-pages', { usedBy: ['old-wiki (in the trash)'] }),
    volume(1, 'scratch', { sizeBytes: null }),
    volume(5, '3f1c09d8aa7e4f0bb1c2', { anonymous: true, usedBy: ['queue'] }),
  ];
}

/** Of each that runs, three starts; dearer the more of its own it has. */
export const fakeCosts = (guests: Iterable<Guest>): GuestCost[] =>
  [...guests]
    .filter(({ state }) => state === 'running')
    .map(({ id, isolation }) => {
      const [startMs, memoryMib, diskMib] = { container: [90, 9, 4], microvm: [580, 96, 21], vm: [3400, 312, 64] }[
        isolation
      ] as [number, number, number];
      const around = (value: number) => [value, Math.round(value * 1.1), Math.round(value * 0.95)];
      return { id, startMs: around(startMs), memoryMib: around(memoryMib), diskMib: around(diskMib) };
    });

/** A trash and its calls; there is one guest in it from the start, unless there are none at all. */
export function makeTrash(now: number, isEmpty: boolean, putBack: (guest: Guest) => Guest) {
  const wiki = makeGuest({ name: 'old-wiki', isolation: 'container', state: 'stopped', image: 'debian:12' }, 90, now);
  const trashed = new Map<string, Guest>(isEmpty ? [] : [[wiki.id, wiki]]);
  let keepDays = 1;
  const list = () => ({
    keepDays,
    guests: [...trashed.values()].map(({ id, name, isolation, image }) => ({
      id,
      name,
      isolation,
      image,
      removedAt: now - HOUR,
      keptUntil: now - HOUR + keepDays * DAY,
    })),
  });
  return {
    add: (guest: Guest) => void trashed.set(guest.id, guest),
    bytes: () => [...trashed.values()].map(({ id, name }) => ({ id, name, bytes: 84 * MIB })),
    calls: {
      'trash.list': list,
      'trash.keep': ({ days }: { days: number }) => {
        keepDays = days;
        return list();
      },
      'trash.empty': () => {
        const removed = [...trashed.values()].map(({ name }) => name);
        trashed.clear();
        return { removed };
      },
      'trash.restore': ({ guest: id }: { guest: string }) => {
        const guest = trashed.get(id);
        if (!guest) throw new GuesthouseError({ code: 'not-found', message: `There is no guest ${id} in the trash.` });
        trashed.delete(id);
        return putBack(guest);
      },
    },
  };
}
