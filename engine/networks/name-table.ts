/** Which guest has a name and, if it is a machine, a lease. */
import type { Holder } from './holder.ts';
import type { HouseMember } from './house.ts';
import { dhcpLine, hostsLine, nameFolders, placeFile, removeFile, rereadNames } from './names.ts';

/** dnsmasq notices new files by itself; of removed ones it is told this much later (ms), of many at once. */
const REREAD_AFTER_MS = 100;

export interface NameTable {
  setName(member: HouseMember): Promise<void>;
  setLease(member: HouseMember): Promise<void>;
  /** The old name is forgotten as well. */
  rename(member: HouseMember): Promise<void>;
  /** Takes both back; says whether there was a lease, which only machines have. */
  remove(guestId: string): Promise<{ hadLease: boolean }>;
}

export function createNameTable(runFolder: string, holderNow: () => Holder | null): NameTable {
  const folders = nameFolders(runFolder);
  let soon: NodeJS.Timeout | undefined;
  const rereadSoon = () => {
    if (soon !== undefined) return;
    soon = setTimeout(() => {
      soon = undefined;
      const holder = holderNow();
      if (holder !== null) rereadNames(holder);
    }, REREAD_AFTER_MS);
    soon.unref();
  };
  return {
    setName: (member) => placeFile(folders.hosts, member.guestId, hostsLine(member.name, member.address)),
    setLease: (member) => placeFile(folders.dhcp, member.guestId, dhcpLine(member.mac, member.address)),
    async rename(member) {
      await placeFile(folders.hosts, member.guestId, hostsLine(member.name, member.address));
      rereadSoon();
    },
    async remove(guestId) {
      const hadName = await removeFile(folders.hosts, guestId);
      const hadLease = await removeFile(folders.dhcp, guestId);
      if (hadName || hadLease) rereadSoon();
      return { hadLease };
    },
  };
}
