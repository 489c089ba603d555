/** dnsmasq: guests find each other by name, and machines get their address, from one file each per guest. */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GuesthouseError } from '../contract/errors.ts';
import { run } from '../host/process.ts';
import { BRIDGE, DOMAIN, GATEWAY, MTU, NETMASK, NETWORK, UPLINK_NAME_SERVER } from './addresses.ts';
import { enterAsService, type Holder } from './holder.ts';
import { childNamed } from './processes.ts';

const START_TIMEOUT_MS = 10_000;

/** All it may do beyond an ordinary program: it hears untrusted guests and, for root, has the uid of the host's root. */
const CAPABILITIES = '-all,+net_admin,+net_raw,+net_bind_service';

export interface NameFolders {
  /** Hosts files, one per guest, named by its id. */
  readonly hosts: string;
  /** DHCP host lines, one file per machine, named by its id. */
  readonly dhcp: string;
}

export function nameFolders(runFolder: string): NameFolders {
  return { hosts: join(runFolder, 'hosts'), dhcp: join(runFolder, 'dhcp') };
}

export function namesPid(holder: Holder): number | null {
  return childNamed(holder.pid, 'dnsmasq');
}

/**
 * The command line. Leases are short because dnsmasq gives no address that is still leased to another MAC, and an
 * address may come back to a new guest.
 */
function namesArgv(holder: Holder, runFolder: string): string[] {
  const { hosts, dhcp } = nameFolders(runFolder);
  return [
    ...enterAsService(holder, { inside: true }),
    ...['setpriv', '--no-new-privs', '--inh-caps=-all', `--bounding-set=${CAPABILITIES}`],
    // No group: changing to one is refused where the house knows a single user.
    ...['dnsmasq', '--conf-file=/dev/null', '--user=root', '--group='],
    // It would note every file it reads; what keeps it from starting it says on its standard error.
    ...['--log-facility=/dev/null', `--pid-file=${join(runFolder, 'dnsmasq.pid')}`],
    ...['--quiet-dhcp', '--no-resolv', '--no-hosts', '--no-poll', `--server=${UPLINK_NAME_SERVER}`],
    ...['--bind-interfaces', `--interface=${BRIDGE}`, '--except-interface=lo'],
    ...['--domain-needed', `--domain=${DOMAIN}`, `--local=/${DOMAIN}/`, '--expand-hosts', `--hostsdir=${hosts}`],
    ...[`--dhcp-range=${NETWORK},static,${NETMASK},10m`, `--dhcp-hostsdir=${dhcp}`],
    ...[`--dhcp-leasefile=${join(runFolder, 'leases')}`, '--dhcp-authoritative', '--dhcp-rapid-commit', '--no-ping'],
    ...[`--dhcp-option=option:router,${GATEWAY}`, `--dhcp-option=option:mtu,${MTU}`],
  ];
}

/** Starts it; it answers queries when this resolves (dnsmasq goes to the background only then). */
export async function startNames(holder: Holder, runFolder: string): Promise<void> {
  const { hosts, dhcp } = nameFolders(runFolder);
  await mkdir(hosts, { recursive: true, mode: 0o700 });
  await mkdir(dhcp, { recursive: true, mode: 0o700 });
  await run(namesArgv(holder, runFolder), { timeoutMs: START_TIMEOUT_MS });
}

/** One line of a hosts file. Throws `invalid` for a name that could say more than a name. */
export function hostsLine(name: string, address: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(name)) {
    throw new GuesthouseError({ code: 'invalid', message: `${JSON.stringify(name)} cannot be a name in DNS.` });
  }
  return `${address} ${name}\n`;
}

/**
 * One DHCP host line. Without the name: dnsmasq would take `1h` for a lease time and `ignore` for an order; it finds
 * the name by the address in the hosts file.
 */
export function dhcpLine(mac: string, address: string): string {
  return `${mac},${address}\n`;
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

/** Makes dnsmasq read both folders anew: it does not notice by itself that a DHCP line is gone. */
export function rereadNames(holder: Holder): void {
  const pid = namesPid(holder);
  if (pid === null) return;
  try {
    process.kill(pid, 'SIGHUP');
  } catch {
    // it ended just now; ensure() starts it again and it reads everything
  }
}
