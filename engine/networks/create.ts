/** The house as one thing: what `house.ts` promises, put together from its parts. */
import { readFile } from 'node:fs/promises';
import type { Log } from '../host/log.ts';
import type { Paths } from '../host/paths.ts';
import { GATEWAY, PREFIX_LENGTH, tapName, vethName } from './addresses.ts';
import { houseFindings } from './doctor.ts';
import { enterHouse, idsOfThisUser } from './holder.ts';
import type { House } from './house.ts';
import { createNameTable } from './name-table.ts';
import { hostsLine } from './names.ts';
import { makeNamespace, removeNamespace } from './namespaces.ts';
import { guestBatch, plugBatch, tapBatch } from './nat.ts';
import type { NetworkStore } from './network-store.ts';
import { createNetworks } from './networks.ts';
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
  const standing = createStanding(paths, log);
  const names = createNameTable(paths.run, () => standing.holder);
  /** Any start will do: it only has to differ from the last engine's, mostly. */
  let cables = Math.floor(Math.random() * 36 ** 2);

  /** Whatever fails half-way leaves nothing of the guest in the house. */
  const orDetach = async <T>(guestId: string, act: () => Promise<T>): Promise<T> => {
    try {
      return await act();
    } catch (error) {
      await house.detach(guestId);
      throw error;
    }
  };

  const house: House = {
    gateway: GATEWAY,
    prefixLength: PREFIX_LENGTH,
    get pid() {
      return standing.holder?.pid ?? null;
    },
    async ensure() {
      await networks.load();
      await standing.ensure();
    },
    async privilege() {
      return PRIVILEGES[await standing.ensure().then(() => standing.known().ids, idsOfThisUser)];
    },
    enter: (options) => enterHouse(standing.known(), options),
    async network() {
      const failed = await standing.ensure().then(() => standing.lack, lackOf);
      return failed === null ? { ok: true } : { ok: false, ...failed };
    },
    async attachNamespace(member) {
      hostsLine(member.name, member.address); // refuses a bad name before anything is touched
      const at = await standing.needNetwork();
      await house.detach(member.guestId);
      cables += 1;
      const cable = vethName(member.guestId, cables);
      return orDetach(member.guestId, async () => {
        const [path] = await Promise.all([
          makeNamespace(at, paths.run, member.guestId, guestBatch(member, cable, at.pid)),
          names.setName(member),
        ]);
        await standing.link.apply(plugBatch(cable));
        return { path };
      });
    },
    async attachTap(member) {
      hostsLine(member.name, member.address);
      await standing.needNetwork();
      await house.detach(member.guestId);
      return orDetach(member.guestId, async () => {
        await names.setLease(member);
        await names.setName(member);
        await standing.link.apply(tapBatch(member.guestId));
        return { device: tapName(member.guestId) };
      });
    },
    rename: (member) => names.rename(member),
    async publish(member) {
      if (member.ports.length === 0) return house.unpublish(member.guestId);
      await standing.needNetwork();
      await standing.ports.publish(member);
    },
    async unpublish(guestId) {
      if ((await standing.meet()) === null || standing.lack !== null) return;
      await standing.ports.unpublish(guestId);
    },
    async detach(guestId) {
      const at = await standing.meet();
      await house.unpublish(guestId).catch((error) => log.warn('house: ports were left open', { guestId, error }));
      await removeNamespace(paths.run, guestId);
      const { hadLease } = await names.remove(guestId);
      if (at !== null && hadLease) await standing.link.apply(`link del ${tapName(guestId)}\n`).catch(() => {});
    },
    async traffic() {
      if (standing.holder === null) return new Map();
      await standing.blockHostAddresses().catch((error) => log.warn('house: host addresses', { error }));
      return parseTraffic(await readFile(`/proc/${standing.known().pid}/net/dev`, 'utf8').catch(() => ''));
    },
    dropNetwork: async () => {},
    doctor: () => houseFindings(house, () => standing.holder),
    demolish: () => standing.demolish(),
    async close() {
      standing.forget();
    },
  };
  return house;
}
