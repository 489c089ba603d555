/** Where a bridged network shall be: what a draft asks for, held against what the host has. */
import { GuesthouseError } from '../contract/errors.ts';
import type { NetworkDraft, NetworkOutside } from '../contract/network.ts';
import { type HostBridge, hostBridge } from './host-bridge.ts';
import type { HostRoute } from './host-routes.ts';
import { wishedSubnet } from './network-problems.ts';
import { addressOf, numberOf, parseRange, parseSubnet, rangeText, type Subnet, sizeOf, subnetText } from './subnet.ts';

type Taken = Subnet & { readonly name: string };

/** Throws `invalid`, `not-found`, `conflict`, or `unsupported` for an ordinary user. */
export async function wishedOutside(
  draft: NetworkDraft,
  others: readonly Taken[],
  routes: readonly HostRoute[],
): Promise<{ subnet: Subnet; outside: NetworkOutside }> {
  const { outside } = draft;
  if (!outside) throw invalid('bridge', 'A bridged network needs a bridge of the host.', 'Name it, such as br0.');
  if (draft.mode !== undefined && draft.mode !== 'bridged') {
    throw invalid('mode', `A network on a bridge of the host cannot be ${draft.mode}.`, 'Leave one of both out.');
  }
  const { bridge } = outside;
  const host = await hostBridge(bridge);
  const subnet4 = draft.subnet4 ?? subnetOf(host, bridge);
  const elsewhere = routes.filter(({ device }) => device !== bridge);
  const subnet = wishedSubnet({ ...draft, subnet4 }, others, elsewhere);
  const router4 = outside.router4 ?? host.router4;
  return { subnet, outside: chosen(bridge, outside.range4, router4, subnet, host) };
}

/** Pure. Throws `invalid` for a range or router that cannot be in that subnet. */
export function chosen(
  bridge: string,
  range4: string,
  router4: string | null,
  subnet: Subnet,
  host: Pick<HostBridge, 'addresses'>,
): NetworkOutside {
  const all = subnetText(subnet);
  const last = subnet.base + sizeOf(subnet) - 1;
  const range = parseRange(range4);
  const say = `Give addresses of ${all} which nothing else there has or gives away, such as ${addressOf(last - 20)}-${addressOf(last - 1)}.`;
  const wrong = (message: string) => invalid('range4', message, say);
  if (range4.trim() === '') throw wrong('A bridged network needs the addresses its guests may have.');
  if (range === null) throw wrong(`${JSON.stringify(range4.slice(0, 40))} is not a range of IPv4 addresses.`);
  if (range.first <= subnet.base || range.last >= last) throw wrong(`${rangeText(range)} is not within ${all}.`);
  if (range.first === range.last) throw wrong('One address is for our name server: at least two are needed.');
  const within = (address: string) => {
    const number = numberOf(address);
    return number !== null && number >= range.first && number <= range.last;
  };
  const own = host.addresses.map((one) => one.split('/')[0] as string).find(within);
  if (own !== undefined) throw wrong(`The host itself has ${own}.`);
  if (router4 !== null) {
    const router = numberOf(router4);
    if (router === null || router <= subnet.base || router >= last) {
      const hint = `Give its address in ${all}, or leave it out.`;
      throw invalid('router4', `${JSON.stringify(router4.slice(0, 40))} is no router of this network.`, hint);
    }
    if (within(router4)) throw wrong(`${router4} is the router.`);
  }
  return { bridge, range4: rangeText(range), router4 };
}

/** What the host has there. */
function subnetOf({ addresses }: HostBridge, bridge: string): string {
  const subnet = parseSubnet(addresses[0] ?? '');
  if (subnet !== null) return subnetText(subnet);
  const message = `The host has no address on ${bridge}, so which ones are used there cannot be seen.`;
  throw invalid('subnet4', message, 'Give the subnet, such as 192.168.1.0/24.');
}

function invalid(subject: string, message: string, hint: string): GuesthouseError {
  return new GuesthouseError({ code: 'invalid', message, subject, hint });
}
