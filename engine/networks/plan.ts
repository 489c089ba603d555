/** Where a guest is, with everything the house must know to lay its cables. Pure. */
import type { HouseMember } from './house.ts';
import { macOfCard } from './mac.ts';
import { BUILT_IN, type NetworkPlan, routerOf } from './network-store.ts';
import { interfaceId, parseSubnet, type Subnet } from './subnet.ts';

/** One network a guest is on: its n-th interface. */
export interface Place {
  readonly network: NetworkPlan;
  readonly mac: string;
  readonly v4: string;
  /** Leading bits of the network's IPv4 range. */
  readonly bits4: number;
  readonly v6: string | null;
}

/** All of a guest's places, the first one's interface first. Throws `not-found` for a network that is gone. */
export function placesOf(member: HouseMember, networks: { get(name: string): NetworkPlan }): readonly Place[] {
  const wished = member.places ?? [{ network: BUILT_IN, v4: member.address, v6: null }];
  return wished.map((one, index) => {
    const network = networks.get(one.network);
    const prefix6 = network.subnet6?.replace('::/64', '') ?? null;
    return {
      network,
      mac: macOfCard(member.mac, index),
      v4: one.v4 ?? member.address,
      bits4: (parseSubnet(network.subnet4) as Subnet).bits,
      // By what it is made of: a record of before there was IPv6 has none.
      v6: prefix6 === null ? null : `${prefix6}:${interfaceId(member.guestId)}`,
    };
  });
}

/** The place that leads outside: the first one on a network that does; null when none does. */
export function wayOut(places: readonly Place[]): Place | null {
  return places.find(({ network }) => routerOf(network) !== null) ?? null;
}
