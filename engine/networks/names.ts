/**
 * dnsmasq: guests find each other by name, and machines get their addresses, from one file each per guest. Every network
 * has one of its own, because one alone would tell everybody the names of all.
 */
import { readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GuesthouseError } from '../contract/errors.ts';
import { run } from '../host/process.ts';
import { bridgeName, DOMAIN, MTU, UPLINK_NAME_SERVER } from './addresses.ts';
import { enterAsService, type Holder } from './holder.ts';
import { type NetworkPlan, routerOf } from './network-store.ts';
import { childrenOf, commandOf } from './processes.ts';
import { netmaskOf, parseSubnet, type Subnet } from './subnet.ts';

const START_TIMEOUT_MS = 10_000;
/** dnsmasq's tag of guests that another of their networks leads outside. */
const NO_ROUTER = 'no-router';

/** All it may do beyond an ordinary program: it hears untrusted guests and, for root, has the uid of the host's root. */
const CAPABILITIES = '-all,+net_admin,+net_raw,+net_bind_service';

export interface NameFolders {
  /** Hosts files, one per guest, named by its id. */
  readonly hosts: string;
  /** DHCP host lines, one file per machine, named by its id. */
  readonly dhcp: string;
}

/** `bridge`: the network's. */
export function nameFolders(runFolder: string, bridge: string): NameFolders {
  return { hosts: join(runFolder, 'hosts', bridge), dhcp: join(runFolder, 'dhcp', bridge) };
}

/** The dnsmasq of a network; null when it does not run. */
export function namesPid(holder: Holder, bridge: string): number | null {
  return namesPids(holder, `--dhcp-hostsdir=`, bridge)[0] ?? null;
}

/** Every dnsmasq with a word on its command line that starts so and, where `folder` is given, ends in that folder. */
export function namesPids(holder: Holder, start: string, folder = ''): number[] {
  const end = folder === '' ? '' : `/${folder}`;
  const fits = (word: string) => (end === '' ? word === start : word.startsWith(start) && word.endsWith(end));
  return childrenOf(holder.pid).filter((pid) => commandOf(pid) === 'dnsmasq' && wordsOf(pid).some(fits));
}

function wordsOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

/**
 * The command line. Leases are short because dnsmasq gives no address that is still leased to another MAC, and an
 * address may come back to a new guest. An isolated network has no router and no names of the outside.
 */
export function namesArgv(network: NetworkPlan, runFolder: string): string[] {
  const bridge = bridgeName(network.index);
  const { hosts, dhcp } = nameFolders(runFolder, bridge);
  const [first] = network.subnet4.split('/');
  const { bits } = parseSubnet(network.subnet4) as Subnet;
  const goesOut = network.mode !== 'isolated';
  const router = routerOf(network);
  const prefix6 = network.subnet6?.replace('/64', '');
  return [
    ...nameServer(bridge, goesOut, [hosts], join(runFolder, 'names', `${bridge}.pid`)),
    ...['--quiet-dhcp', '--quiet-dhcp6', '--quiet-ra'],
    ...[`--dhcp-range=${first},static,${netmaskOf(bits)},10m`, `--dhcp-hostsdir=${dhcp}`],
    ...[`--dhcp-leasefile=${join(runFolder, 'names', `${bridge}.leases`)}`],
    ...['--dhcp-authoritative', '--dhcp-rapid-commit', '--no-ping'],
    router === null ? '--dhcp-option=option:router' : `--dhcp-option=option:router,${router}`,
    `--dhcp-option=tag:${NO_ROUTER},option:router`,
    `--dhcp-option=option:mtu,${MTU}`,
    // Routers' words every minute; a lifetime of 0 says that it leads nowhere.
    ...(prefix6
      ? [`--dhcp-range=${prefix6},static,64,10m`, '--enable-ra', `--ra-param=${bridge},60,${goesOut ? 1800 : 0}`]
      : []),
  ];
}

/** The command line of one that only answers, on a port of its own, with the names of several networks. */
export function resolverArgv(
  networks: readonly NetworkPlan[],
  port: number,
  goesOut: boolean,
  runFolder: string,
): string[] {
  const bridges = networks.map(({ index }) => bridgeName(index));
  const hosts = bridges.map((bridge) => nameFolders(runFolder, bridge).hosts);
  const pidFile = join(runFolder, 'names', `${port}.pid`);
  return [...nameServer(bridges[0] as string, goesOut, hosts, pidFile), `--port=${port}`];
}

function nameServer(bridge: string, goesOut: boolean, hosts: readonly string[], pidFile: string): string[] {
  return [
    ...['setpriv', '--no-new-privs', '--inh-caps=-all', `--bounding-set=${CAPABILITIES}`],
    // No group: changing to one is refused where the house knows a single user.
    ...['dnsmasq', '--conf-file=/dev/null', '--user=root', '--group='],
    // It would note every file it reads; what keeps it from starting it says on its standard error.
    ...['--log-facility=/dev/null', `--pid-file=${pidFile}`, '--no-resolv', '--no-hosts', '--no-poll'],
    ...(goesOut ? [`--server=${UPLINK_NAME_SERVER}`] : []),
    ...['--bind-interfaces', `--interface=${bridge}`, '--except-interface=lo'],
    ...['--domain-needed', `--domain=${DOMAIN}`, `--local=/${DOMAIN}/`, '--expand-hosts'],
    ...hosts.map((folder) => `--hostsdir=${folder}`),
  ];
}

/** Starts it; it answers queries when this resolves (dnsmasq goes to the background only then). */
export async function startNames(holder: Holder, network: NetworkPlan, runFolder: string): Promise<void> {
  const { hosts, dhcp } = nameFolders(runFolder, bridgeName(network.index));
  for (const folder of [hosts, dhcp, join(runFolder, 'names')]) await mkdir(folder, { recursive: true, mode: 0o700 });
  const argv = [...enterAsService(holder, { inside: true }), ...namesArgv(network, runFolder)];
  await run(argv, { timeoutMs: START_TIMEOUT_MS });
}

/** Lines of a hosts file. Throws `invalid` for a name that could say more than a name. */
export function hostsLines(names: readonly string[], addresses: readonly (string | null)[]): string {
  const bad = names.find((name) => !/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(name));
  if (bad !== undefined) {
    throw new GuesthouseError({ code: 'invalid', message: `${JSON.stringify(bad)} cannot be a name in DNS.` });
  }
  const own = [...new Set(names)].join(' ');
  return addresses.map((address) => (address === null ? '' : `${address} ${own}\n`)).join('');
}

/**
 * One DHCP host line. Without the name: dnsmasq would take `1h` for a lease time and `ignore` for an order; it finds
 * the name by the address in the hosts file. `leads`: it is told of a router, where there is one.
 */
export function dhcpLine(mac: string, v4: string, v6: string | null, leads = true): string {
  return `${mac}${leads ? '' : `,set:${NO_ROUTER}`},${v4}${v6 === null ? '' : `,[${v6}]`}\n`;
}

/** dnsmasq watches the folder and takes a file in when it appears whole; those starting with a dot it leaves alone. */
export async function placeFile(folder: string, id: string, content: string): Promise<void> {
  const temporary = join(folder, `.${id}`);
  await writeFile(temporary, content, { mode: 0o600 });
  await rename(temporary, join(folder, id));
}

/** Answers whether anything was there. */
export async function removeFile(folder: string, id: string): Promise<boolean> {
  return rm(join(folder, id)).then(
    () => true,
    () => false,
  );
}

/** Makes a network's dnsmasq read both folders anew: it does not notice by itself that a DHCP line is gone. */
export function rereadNames(holder: Holder, bridge: string): void {
  signalNames(holder, bridge, 'SIGHUP');
}

export function endNames(holder: Holder, bridge: string): void {
  signalNames(holder, bridge, 'SIGKILL');
}

function signalNames(holder: Holder, bridge: string, signal: 'SIGHUP' | 'SIGKILL'): void {
  // Those that answer for guests on several networks among them.
  for (const pid of namesPids(holder, '--hostsdir=', bridge)) {
    try {
      process.kill(pid, signal);
    } catch {
      // it ended just now; whoever needs it starts it again, and it reads everything
    }
  }
}
