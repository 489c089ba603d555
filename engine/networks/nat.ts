/** What the house's networks are made of, as text for `ip -batch` and `nft -f`. Pure. */
import { bridgeName, MTU, UPLINK, UPLINK_ADDRESS6, UPLINK_GATEWAY6 } from './addresses.ts';
import { type NetworkPlan, routerOf } from './network-store.ts';
import { type Place, wayOut } from './plan.ts';
import { parseSubnet, type Subnet } from './subnet.ts';

/** Changed with the rules: a house that stands with older ones gets the new ones. */
export const RULES_VERSION = 2;

/** The same on every network of our own: nobody is on two of them as a gateway. */
const GATEWAY_MAC = '02:67:75:65:73:74';

/** On a bridge of the host another house may have a bridge as well. */
function gatewayMac({ id, outside }: NetworkPlan): string {
  return outside ? `02:${(id.slice(0, 10).match(/../g) as string[]).join(':')}` : GATEWAY_MAC;
}

const BRIDGE_WORDS = `mtu ${MTU} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`;

/**
 * A network's bridge. Its hardware address is fixed, or guests would have to learn a new gateway whenever a port comes
 * or goes. The link-local address is given by hand: the kernel would wait for the first guest.
 */
export function bridgeBatch(network: NetworkPlan): string {
  const bridge = bridgeName(network.index);
  const { bits } = parseSubnet(network.subnet4) as Subnet;
  return lines(
    `link add ${bridge} address ${gatewayMac(network)} ${BRIDGE_WORDS}`,
    `addr add ${network.gateway4}/${bits} dev ${bridge}`,
    ...(network.gateway6 === null
      ? []
      : [`addr add ${network.gateway6}/64 dev ${bridge} nodad`, `addr add fe80::1/64 dev ${bridge} nodad`]),
    `link set ${bridge} up`,
  );
}

/** A further bridge for a network that has many guests, joined to the one before it. */
export function annexBatch(index: number, annex: number): string {
  const name = annexName(index, annex);
  const [here, there] = [`gt${index}x${annex}`, `gu${index}x${annex}`];
  return lines(
    `link add ${name} ${BRIDGE_WORDS}`,
    `link add ${here} mtu ${MTU} type veth peer name ${there} mtu ${MTU}`,
    `link set ${here} master ${annexName(index, annex - 1)} up`,
    `link set ${there} master ${name} up`,
    // It would answer for the gateway's address, which is the first bridge's.
    `link set ${name} arp off up`,
  );
}

/** For a host whose br_netfilter shows the firewall what stays on a bridge. */
export function annexRules(index: number, annex: number): string {
  const name = `"${annexName(index, annex)}"`;
  return lines(`add element inet guesthouse same { ${name} . ${name} }`);
}

/** 0: the network's bridge itself. */
export function annexName(index: number, annex: number): string {
  return annex === 0 ? bridgeName(index) : `${bridgeName(index)}x${annex}`;
}

/**
 * The firewall of the house: guests reach those on the same network and, if it is no isolated one, the outside; the
 * host's own addresses and the uplink's are refused (slirp4netns would otherwise connect to the host's LAN address as a
 * local program does); of the house itself guests see DNS and DHCP of their own network, and ping. Published ports come
 * from inside the house, so no way in is open. The table is replaced as a whole, in one transaction.
 */
export function firewallRules(): string {
  return `table inet guesthouse {}
delete table inet guesthouse
table inet guesthouse {
  set host4 { type ipv4_addr; flags interval; auto-merge; }
  set host6 { type ipv6_addr; flags interval; auto-merge; }
  set same { type ifname . ifname; }
  set outgoing { type ifname; }
  set doors4 { type ifname . ipv4_addr; }
  set doors6 { type ifname . ipv6_addr; }
  map resolvers { type ipv4_addr : inet_service; }
  chain g_forward {
    type filter hook forward priority filter; policy drop;
    oifname "${UPLINK}" ip daddr @host4 reject with icmp admin-prohibited
    oifname "${UPLINK}" ip6 daddr @host6 reject with icmpv6 admin-prohibited
    ct state established,related accept
    iifname . oifname @same accept
    iifname @outgoing oifname "${UPLINK}" accept
    iifname "gn*" reject with icmpx admin-prohibited
  }
  chain g_input {
    type filter hook input priority filter; policy accept;
    iifname "gn*" jump g_from_guest
  }
  chain g_from_guest {
    ct state established,related accept
    meta l4proto { icmp, ipv6-icmp } accept
    udp dport { 67, 547 } accept
    iifname . ip daddr @doors4 meta l4proto { tcp, udp } th dport 53 accept
    iifname . ip6 daddr @doors6 meta l4proto { tcp, udp } th dport 53 accept
    iifname . ip daddr @doors4 ct status dnat accept
    reject with icmpx admin-prohibited
  }
  chain g_prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    iifname "gn*" udp dport 53 redirect to :ip saddr map @resolvers
    iifname "gn*" tcp dport 53 redirect to :ip saddr map @resolvers
  }
  chain g_postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    iifname @outgoing oifname "${UPLINK}" masquerade
  }
}
`;
}

/** Lets a network's guests through the firewall as far as its mode goes. */
export function networkRules(network: NetworkPlan): string {
  const bridge = `"${bridgeName(network.index)}"`;
  return lines(
    `add element inet guesthouse same { ${bridge} . ${bridge} }`,
    ...(network.mode === 'nat' ? [`add element inet guesthouse outgoing { ${bridge} }`] : []),
    `add element inet guesthouse doors4 { ${bridge} . ${network.gateway4} }`,
    ...(network.gateway6 === null ? [] : [`add element inet guesthouse doors6 { ${bridge} . ${network.gateway6} }`]),
  );
}

/** Never a destination outside the house, whatever addresses the host has. */
const NEVER_OUTSIDE4 = ['0.0.0.0/8', '127.0.0.0/8', '10.0.2.0/24'];
/** The first one holds loopback and every way to write an IPv4 address as an IPv6 one that the kernel would follow. */
const NEVER_OUTSIDE6 = ['::/64', 'fd00::/64', 'fe80::/10'];

/** Replaces the set of the host's own addresses, in one transaction. */
export function hostAddressRules(addresses: {
  readonly v4: readonly string[];
  readonly v6: readonly string[];
}): string {
  return lines(
    'flush set inet guesthouse host4',
    `add element inet guesthouse host4 { ${[...NEVER_OUTSIDE4, ...addresses.v4].join(', ')} }`,
    'flush set inet guesthouse host6',
    `add element inet guesthouse host6 { ${[...NEVER_OUTSIDE6, ...addresses.v6].join(', ')} }`,
  );
}

/** What slirp4netns leaves to us: the kernel takes no router's word where packets are passed on. */
export function uplinkBatch(): string {
  return lines(
    `addr replace ${UPLINK_ADDRESS6}/64 dev ${UPLINK} nodad`,
    `route replace ::/0 via ${UPLINK_GATEWAY6} dev ${UPLINK}`,
  );
}

/**
 * Run inside a guest's new namespace; the other ends of its cables appear in the namespace of `holderPid`. Cables are
 * those of its places, in the same order.
 */
export function guestBatch(places: readonly Place[], cables: readonly string[], holderPid: number): string {
  const out = wayOut(places);
  return lines(
    'link set lo up',
    ...places.flatMap((place, index) => [
      `link add name eth${index} address ${place.mac} mtu ${MTU} type veth ` +
        `peer name ${cables[index]} mtu ${MTU} netns /proc/${holderPid}/ns/net`,
      `addr add ${place.v4}/${place.bits4} dev eth${index}`,
      ...(place.v6 === null ? [] : [`addr add ${place.v6}/64 dev eth${index} nodad`]),
      `link set eth${index} up`,
      // Known from the start, nobody has to be asked for it.
      ...[place.network.gateway4, ...(place.v6 === null ? [] : [place.network.gateway6])].map(
        (gateway) => `neigh replace ${gateway} lladdr ${gatewayMac(place.network)} dev eth${index} nud permanent`,
      ),
    ]),
    ...(out === null ? [] : [`route add default via ${routerOf(out.network)}`]),
    ...(out === null || out.v6 === null ? [] : [`route add ::/0 via ${out.network.gateway6}`]),
  );
}

/** Plugs a cable or tap into a bridge of its network, whose gateway need not ask for the guest; run in the house. */
export function plugBatch({ network, mac, v4, v6 }: Place, device: string, bridge: string): string {
  return lines(
    `link set ${device} master ${bridge} up`,
    ...[v4, ...(v6 === null ? [] : [v6])].map(
      (address) => `neigh replace ${address} lladdr ${mac} dev ${bridgeName(network.index)} nud permanent`,
    ),
  );
}

/** `vnet_hdr`: QEMU may hand over large segments and leave checksums to the kernel. */
export function tapBatch(tap: string): string {
  return lines(`tuntap add ${tap} mode tap vnet_hdr`, `link set ${tap} mtu ${MTU}`);
}

function lines(...words: readonly string[]): string {
  return `${words.join('\n')}\n`;
}
