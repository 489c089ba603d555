/**
 * The one thing of ours on the host: for each bridged network a cable (veth) from a bridge of the host to the house. Its
 * other end is in the house's network namespace, so it goes with that. Needs the engine to run as root.
 */
import { GuesthouseError } from '../contract/errors.ts';
import type { NetworkOutside } from '../contract/network.ts';
import { run } from '../host/process.ts';
import type { NetworkPlan } from './network-store.ts';

/** Below it our guests' packets would not fit. */
const LEAST_MTU = 1500;

/** What the host has under the name of a bridge. */
export interface HostBridge {
  readonly mtu: number;
  /** Its own IPv4 addresses with their subnets: `192.168.1.5/24`. */
  readonly addresses: readonly string[];
  /** Where the host's default route over it leads. */
  readonly router4: string | null;
}

/** A name the kernel takes for a device, and `ip` for no option. */
export function isDeviceName(name: unknown): name is string {
  return typeof name === 'string' && /^[^\s/:-][^\s/:]{0,14}$/.test(name);
}

/** The end of a network's cable in the house. */
export function cableInside(index: number): string {
  return `gb${index}`;
}

/** Its end on the host; ids are random, so no two homes have the same. */
function cableOutside({ id }: Pick<NetworkPlan, 'id'>): string {
  return `gh${id}`;
}

/** The host's bridge. Throws `unsupported` for an ordinary user, `not-found`, `invalid` for another kind of device. */
export async function hostBridge(bridge: string): Promise<HostBridge> {
  if (process.getuid?.() !== 0) {
    throw new GuesthouseError({
      code: 'unsupported',
      message: 'Only root may put guests onto a bridge of the host.',
      subject: 'bridge',
      hint: 'Run Guesthouse as root for it, or use a network of the kind `nat` and publish ports.',
    });
  }
  const bridges = await show('link', 'show', 'type', 'bridge');
  const found = bridges.find(({ ifname }) => ifname === bridge);
  if (!found) throw await noBridge(bridge, bridges);
  if (found.mtu < LEAST_MTU) {
    throw new GuesthouseError({
      code: 'unsupported',
      message: `The bridge ${bridge} takes packets of ${found.mtu} bytes at most, and guests send ${LEAST_MTU}.`,
      subject: 'bridge',
      hint: `Give it a larger MTU: ip link set ${bridge} mtu ${LEAST_MTU}`,
    });
  }
  const [addresses, routes] = await Promise.all([
    show('-4', 'address', 'show', 'dev', bridge),
    show('-4', 'route', 'show', 'default', 'dev', bridge),
  ]);
  return {
    mtu: found.mtu,
    addresses: addresses
      .flatMap(({ addr_info = [] }) => addr_info)
      .flatMap(({ local, prefixlen }) => (local ? [`${local}/${prefixlen}`] : [])),
    router4: routes.find(({ gateway }) => gateway)?.gateway ?? null,
  };
}

/** Whether a network's cable is where it belongs. */
export async function isPluggedIn(network: NetworkPlan): Promise<boolean> {
  const cable = cableOutside(network);
  const there = await show('link', 'show', 'master', network.outside?.bridge ?? '').catch(() => []);
  return there.some(({ ifname }) => ifname === cable);
}

/**
 * Lays the cable, or plugs it in again where the bridge was made anew. The end on the host has a high address: a bridge
 * without one of its own takes the lowest of its ports', and would change its own.
 */
export async function plugIn(network: NetworkPlan, { bridge }: NetworkOutside, holderPid: number): Promise<void> {
  const { mtu } = await hostBridge(bridge);
  const cable = cableOutside(network);
  const inside = cableInside(network.index);
  const mac = `fe:${(network.id.slice(0, 10).match(/../g) as string[]).join(':')}`;
  await run(['ip', 'link', 'del', cable]).catch(() => {}); // unplugged, or of a house that just ends
  const words = ['link', 'add', 'name', cable, 'address', mac, 'mtu', String(mtu), 'type', 'veth'];
  const peer = ['peer', 'name', inside, 'mtu', String(mtu), 'netns', `/proc/${holderPid}/ns/net`];
  await run(['ip', ...words, ...peer]);
  await run(['ip', 'link', 'set', cable, 'master', bridge, 'up']);
}

async function noBridge(bridge: string, bridges: readonly Shown[]): Promise<GuesthouseError> {
  const names = bridges.map(({ ifname }) => ifname);
  const other = (await show('link', 'show')).some(({ ifname }) => ifname === bridge);
  return new GuesthouseError({
    code: other ? 'invalid' : 'not-found',
    message: other
      ? `${bridge} is a device of the host, but not a bridge.`
      : `The host has no bridge named ${JSON.stringify(bridge.slice(0, 40))}.`,
    subject: 'bridge',
    hint:
      names.length > 0
        ? `It has ${names.join(', ')}.`
        : 'It has none: make one with the tools of your system (systemd-networkd, NetworkManager, ip link add br0 type bridge) and plug the network card into it.',
  });
}

/** What `ip -json` tells that is used here. */
interface Shown {
  readonly ifname: string;
  readonly mtu: number;
  readonly gateway?: string;
  readonly addr_info?: readonly { readonly local?: string; readonly prefixlen: number }[];
}

async function show(...words: readonly string[]): Promise<readonly Shown[]> {
  const { stdout } = await run(['ip', '-json', ...words]);
  return stdout.trim() === '' ? [] : (JSON.parse(stdout) as Shown[]);
}
