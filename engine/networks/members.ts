/** A guest as the house knows it. */
import type { GuestAddress, GuestSpec, PortRule } from '../contract/guest.ts';
import type { HouseMember } from './house.ts';
import { macOfGuest } from './mac.ts';

/** What a guest's record says of where it is. */
export interface Placed {
  readonly id: string;
  readonly spec: Pick<GuestSpec, 'name' | 'network' | 'aliases' | 'macAddress'>;
  readonly address: string | null;
  readonly addresses?: readonly GuestAddress[];
  readonly mac: string;
  readonly ports: readonly PortRule[];
}

/** null for a guest that is not on a network of the house (`none`, `host`). */
export function memberOf(guest: Placed): HouseMember | null {
  const { id, spec, address, ports } = guest;
  if (address === null || spec.network === 'none' || spec.network === 'host') return null;
  const places = guest.addresses?.length ? guest.addresses : [{ network: spec.network, v4: address, v6: null }];
  return { guestId: id, name: spec.name, aliases: spec.aliases, address, mac: macOfGuest(guest), ports, places };
}
