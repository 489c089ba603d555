/** The house as one thing: what `house.ts` promises, put together from its parts. */
import { readFile } from 'node:fs/promises';
import type { Log } from '../host/log.ts';
import type { Paths } from '../host/paths.ts';
import { guestOfDevice, tapName, vethName } from './addresses.ts';
import { houseFindings } from './doctor.ts';
import { enterHouse, idsOfThisUser } from './holder.ts';
import type { CardView, House, HouseMember } from './house.ts';
import { createNameTable } from './name-table.ts';
import { hostsLines } from './names.ts';
import { makeNamespace, removeNamespace } from './namespaces.ts';
import { guestBatch, tapBatch } from './nat.ts';
import { type NetworkStore, routerOf } from './network-store.ts';
import { createNetworks } from './networks.ts';
import { type Place, placesOf, wayOut } from './plan.ts';
import { createStanding, lackOf } from './standing.ts';
import { parseTraffic } from './traffic.ts';

const PRIVILEGES = { root: 'root', range: 'rootless', single: 'plain' } as const;

interface HouseOptions {
  readonly paths: Paths;
  readonly log: Log;
  /** Left out: those of the home, read when they are needed. */
  readonly networks?: NetworkStore;
}

export function createHouse({ paths, log, networks = createNetworks({ paths, log }) }: HouseOptions): House {
  const standing = createStanding(paths, log, networks);
  const names = createNameTable(paths.run, () => standing.holder);
  /** Any start will do: it only has to differ from the last engine's, mostly. */
  let cables = Math.floor(Math.random() * 36 ** 2);
  const nextCable = (guestId: string) => {
    cables += 1;
    return vethName(guestId, cables);
  };

  /** Whatever fails half-way leaves nothing of the guest in the house. */
  const orDetach = async <T>(guestId: string, act: () => Promise<T>): Promise<T> => {
    try {
      return await act();
    } catch (error) {
      await house.detach(guestId);
      throw error;
    }
  };
  /** Everything that can be wrong is found before anything is touched; then the guest's networks are there. */
  const prepare = async (member: HouseMember): Promise<readonly Place[]> => {
    hostsLines([member.name, ...(member.aliases ?? [])], []);
    await networks.load();
    const places = placesOf(member, networks);
    await standing.needNetwork();
    await Promise.all(places.map(({ network }) => standing.bridges.raise(network)));
    await house.detach(member.guestId);
    return places;
  };

  const house: House = {
    get pid() {
      return standing.holder?.pid ?? null;
    },
    async ensure() {
      await networks.load();
      await standing.ensure();
    },
    async privilege() {
      return PRIVILEGES[await house.ensure().then(() => standing.known().ids, idsOfThisUser)];
    },
    enter: (options) => enterHouse(standing.known(), options),
    inside: (options) => standing.inside(options),
    mount: (target, overlay) => standing.mount(target, overlay),
    async network() {
      await networks.load();
      const failed = await standing.ensureNetwork().then(() => standing.lack, lackOf);
      return failed === null ? { ok: true } : { ok: false, ...failed };
    },
    view(member) {
      const places = placesOf(member, networks);
      const out = wayOut(places);
      const [first, ...further] = places.map((place) => cardOf(place, out)) as [CardView, ...CardView[]];
      return { ...first, nameServer: (places[0] as Place).network.gateway4, further };
    },
    async attachNamespace(member) {
      const places = await prepare(member);
      const own = places.map(() => nextCable(member.guestId));
      return orDetach(member.guestId, async () => {
        const at = standing.known();
        const [path] = await Promise.all([
          makeNamespace(standing, paths.run, member.guestId, guestBatch(places, own, at.pid)),
          names.setName(member, places),
          standing.resolvers.lead(member.guestId, places),
        ]);
        for (const [index, place] of places.entries()) await standing.bridges.plug(place, own[index] as string);
        return { path };
      });
    },
    async attachTaps(member) {
      const places = await prepare(member);
      const devices = places.map((_, index) => tapName(member.guestId, index));
      const out = wayOut(places);
      return orDetach(member.guestId, async () => {
        await names.setName(member, places);
        for (const place of places) await names.setLease(member, place, place === out || places.length === 1);
        await standing.resolvers.lead(member.guestId, places);
        await standing.link.apply(devices.map(tapBatch).join(''));
        for (const [index, place] of places.entries()) await standing.bridges.plug(place, devices[index] as string);
        return { devices };
      });
    },
    rename: (member) => names.rename(member, placesOf(member, networks)),
    async publish(member) {
      if (member.ports.length === 0) return house.unpublish(member.guestId);
      await networks.load();
      await standing.needNetwork();
      await standing.ports.publish(member);
    },
    async unpublish(guestId) {
      await networks.load();
      if ((await standing.meet()) === null || standing.lack !== null) return;
      await standing.ports.unpublish(guestId);
    },
    async detach(guestId) {
      await networks.load();
      const at = await standing.meet();
      await house.unpublish(guestId).catch((error) => log.warn('house: ports were left open', { guestId, error }));
      await removeNamespace(paths.run, guestId);
      standing.bridges.unplugged(guestId);
      if (at !== null) await standing.resolvers.release(guestId);
      const { hadLease } = await names.remove(guestId);
      if (at !== null && hadLease)
        for (const tap of await tapsOf(at.pid, guestId)) await standing.link.apply(`link del ${tap}\n`).catch(() => {});
    },
    async traffic() {
      if (standing.holder === null) return new Map();
      await standing.blockHostAddresses().catch((error) => log.warn('house: host addresses', { error }));
      return parseTraffic(await readFile(`/proc/${standing.known().pid}/net/dev`, 'utf8').catch(() => ''));
    },
    async dropNetwork(index) {
      if ((await standing.meet()) !== null && standing.lack === null) await standing.bridges.drop(index);
    },
    doctor: () => houseFindings(house, () => standing.holder),
    demolish: () => standing.demolish(),
    async close() {
      await standing.close();
    },
  };
  return house;
}

function cardOf(place: Place, out: Place | null): CardView {
  const leads = place === out;
  return {
    mac: place.mac,
    address: place.v4,
    prefixLength: place.bits4,
    gateway: leads ? routerOf(place.network) : null,
    address6: place.v6,
    gateway6: leads ? place.network.gateway6 : null,
  };
}

/** The taps a guest has in the house now. */
async function tapsOf(pid: number, guestId: string): Promise<string[]> {
  const text = await readFile(`/proc/${pid}/net/dev`, 'utf8').catch(() => '');
  const devices = [...text.matchAll(/^ *(t\w+):/gm)].map(([, device]) => device as string);
  return devices.filter((device) => guestOfDevice(device) === guestId);
}
