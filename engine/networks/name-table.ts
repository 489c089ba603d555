/** Which guest has which names and, if it is a machine, a lease, on each of its networks. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { bridgeName } from './addresses.ts';
import type { Holder } from './holder.ts';
import type { HouseMember } from './house.ts';
import { dhcpLine, hostsLines, nameFolders, placeFile, removeFile, rereadNames } from './names.ts';
import type { Place } from './plan.ts';

/** dnsmasq notices new files by itself; of removed ones it is told this much later (ms), of many at once. */
const REREAD_AFTER_MS = 100;

export interface NameTable {
  setName(member: HouseMember, places: readonly Place[]): Promise<void>;
  /** `leads`: through this place it reaches the outside, where its network leads there. */
  setLease(member: HouseMember, place: Place, leads: boolean): Promise<void>;
  /** The old name is forgotten as well. */
  rename(member: HouseMember, places: readonly Place[]): Promise<void>;
  /** Takes both back; says whether there was a lease, which only machines have. */
  remove(guestId: string): Promise<{ hadLease: boolean }>;
}

export function createNameTable(runFolder: string, holderNow: () => Holder | null): NameTable {
  const changed = new Set<string>();
  let soon: NodeJS.Timeout | undefined;
  const rereadSoon = (bridge: string) => {
    changed.add(bridge);
    if (soon !== undefined) return;
    soon = setTimeout(() => {
      soon = undefined;
      const holder = holderNow();
      for (const one of changed) if (holder !== null) rereadNames(holder, one);
      changed.clear();
    }, REREAD_AFTER_MS);
    soon.unref();
  };
  const table: NameTable = {
    async setName({ guestId, name, aliases = [] }, places) {
      for (const { network, v4, v6 } of places) {
        const { hosts } = nameFolders(runFolder, bridgeName(network.index));
        await placeFile(hosts, guestId, hostsLines([name, ...aliases], [v4, v6]));
      }
    },
    async setLease({ guestId }, { network, mac, v4, v6 }, leads) {
      const { dhcp } = nameFolders(runFolder, bridgeName(network.index));
      await placeFile(dhcp, guestId, dhcpLine(mac, v4, v6, leads));
    },
    async rename(member, places) {
      await table.setName(member, places);
      for (const { network } of places) rereadSoon(bridgeName(network.index));
    },
    async remove(guestId) {
      let hadLease = false;
      for (const bridge of await readdir(join(runFolder, 'hosts')).catch(() => [])) {
        const folders = nameFolders(runFolder, bridge);
        const hadName = await removeFile(folders.hosts, guestId);
        if (!hadName) continue; // whoever has a lease has a name
        if (await removeFile(folders.dhcp, guestId)) hadLease = true;
        rereadSoon(bridge);
      }
      return { hadLease };
    },
  };
  return table;
}
