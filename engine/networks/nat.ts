/** What the house's network is made of, as text for `ip -batch` and `nft -f`. Pure. */
import { BRIDGE, GATEWAY, MTU, PREFIX_LENGTH, tapName, UPLINK } from './addresses.ts';

/** The bridge. Its hardware address is fixed, or guests would have to learn a new gateway whenever a port comes or goes. */
export function bridgeBatch(): string {
  return lines(
    'link set lo up',
    `link add ${BRIDGE} address 02:67:75:65:73:74 mtu ${MTU} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
    `addr add ${GATEWAY}/${PREFIX_LENGTH} dev ${BRIDGE}`,
    `link set ${BRIDGE} up`,
  );
}

/**
 * The firewall of the house: guests reach each other and the outside; the host's own addresses are refused (slirp4netns
 * would otherwise connect to the host's LAN address as a local program does); only published ports come in; of the
 * house itself guests see DNS, DHCP and ping. The table is replaced as a whole, in one transaction.
 */
export function firewallRules(): string {
  return `table inet guesthouse {}
delete table inet guesthouse
table inet guesthouse {
  set host4 { type ipv4_addr; flags interval; auto-merge; }
  set host6 { type ipv6_addr; flags interval; auto-merge; }
  map published { type inet_service : ipv4_addr . inet_service; }
  chain g_forward {
    type filter hook forward priority filter; policy drop;
    oifname "${UPLINK}" ip daddr @host4 reject with icmp admin-prohibited
    oifname "${UPLINK}" ip6 daddr @host6 reject
    ct state established,related accept
    iifname "${BRIDGE}" oifname { "${BRIDGE}", "${UPLINK}" } accept
    iifname "${UPLINK}" oifname "${BRIDGE}" ct status dnat accept
  }
  chain g_input {
    type filter hook input priority filter; policy accept;
    iifname "gn*" meta l4proto { icmp, ipv6-icmp } accept
    iifname "gn*" udp dport { 53, 67 } accept
    iifname "gn*" tcp dport 53 accept
    iifname "gn*" ct state established,related accept
    iifname "gn*" drop
  }
  chain g_prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    iifname "${UPLINK}" dnat ip to tcp dport map @published
  }
  chain g_postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    iifname "${BRIDGE}" oifname "${UPLINK}" masquerade
  }
}
`;
}

/** Never a destination outside the house, whatever addresses the host has. */
const NEVER_OUTSIDE = ['0.0.0.0/8', '127.0.0.0/8'];

/** Replaces the set of the host's own addresses, in one transaction. */
export function hostAddressRules(addresses: {
  readonly v4: readonly string[];
  readonly v6: readonly string[];
}): string {
  return lines(
    'flush set inet guesthouse host4',
    `add element inet guesthouse host4 { ${[...NEVER_OUTSIDE, ...addresses.v4].join(', ')} }`,
    'flush set inet guesthouse host6',
    `add element inet guesthouse host6 { ${['::1', ...addresses.v6].join(', ')} }`,
  );
}

/** A door of the house: TCP arriving at `port` of the uplink goes to a guest. */
export interface Door {
  readonly port: number;
  readonly address: string;
  readonly guestPort: number;
}

export function openDoors(doors: readonly Door[]): string {
  if (doors.length === 0) return '';
  const elements = doors.map((door) => `${door.port} : ${door.address} . ${door.guestPort}`);
  return lines(`add element inet guesthouse published { ${elements.join(', ')} }`);
}

export function closeDoors(ports: readonly number[]): string {
  if (ports.length === 0) return '';
  return lines(`delete element inet guesthouse published { ${ports.join(', ')} }`);
}

/** Forgets all doors and opens these, in one transaction. */
export function replaceDoors(doors: readonly Door[]): string {
  return `flush map inet guesthouse published\n${openDoors(doors)}`;
}

/** Run inside a guest's new namespace; the other end of its cable appears in the namespace of `holderPid`. */
export function guestBatch(guest: { address: string; mac: string }, cable: string, holderPid: number): string {
  return lines(
    'link set lo up',
    `link add name eth0 address ${guest.mac} mtu ${MTU} type veth ` +
      `peer name ${cable} mtu ${MTU} netns /proc/${holderPid}/ns/net`,
    `addr add ${guest.address}/${PREFIX_LENGTH} dev eth0`,
    'link set eth0 up',
    `route add default via ${GATEWAY}`,
  );
}

/** Plugs a guest's cable into the bridge; run in the house. */
export function plugBatch(cable: string): string {
  return lines(`link set ${cable} master ${BRIDGE} up`);
}

/** `vnet_hdr`: QEMU may hand over large segments and leave checksums to the kernel. */
export function tapBatch(guestId: string): string {
  return lines(
    `tuntap add ${tapName(guestId)} mode tap vnet_hdr`,
    `link set ${tapName(guestId)} mtu ${MTU} master ${BRIDGE} up`,
  );
}

function lines(...words: readonly string[]): string {
  return `${words.join('\n')}\n`;
}
