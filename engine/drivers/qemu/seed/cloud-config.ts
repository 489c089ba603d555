/**
 * A first login in cloud-init's words (its "cloud config" format; JSON, which is YAML too). The image's own default user
 * is renamed rather than a further one made: so it has the groups, the shell and the sudo rule its distribution gives.
 */
import { createHash } from 'node:crypto';
import type { FirstLogin } from '../../../contract/first-login.ts';
import type { GuestSpec } from '../../../contract/guest.ts';
import type { MemberView } from '../../../networks/house.ts';

/** What is on the seed, by file name (NoCloud's). */
export type SeedFiles = Readonly<Record<string, string>>;

export interface SeedOf {
  readonly id: string;
  readonly mac: string;
  readonly spec: Pick<GuestSpec, 'name' | 'hostname'>;
  readonly firstLogin: FirstLogin;
  /** Its disk is a copy of another machine's. Left out: it is not. */
  readonly isCopy?: boolean;
  /** null without a network. */
  readonly network: (Pick<MemberView, 'address6'> & Partial<Pick<MemberView, 'further'>>) | null;
}

export function seedFiles(of: SeedOf): SeedFiles {
  const { firstLogin } = of;
  const ours = cloudConfig(of);
  const content: SeedFiles = {
    // One's own user data come first where both say something.
    ...(firstLogin.userData === null
      ? { 'user-data': ours, 'vendor-data': '' }
      : { 'user-data': firstLogin.userData, 'vendor-data': ours }),
    ...(of.network === null ? {} : { 'network-config': networkConfig(of.mac, of.network) }),
  };
  return { ...content, 'meta-data': metaData(of, content) };
}

/** cloud-init itself makes new SSH host keys for a new instance, but keeps the machine id. */
const NEW_MACHINE_ID =
  '[ ! -s /etc/machine-id ] || { tr -d - </proc/sys/kernel/random/uuid >/etc/machine-id; d=/var/lib/dbus/machine-id; [ ! -f $d ] || [ -L $d ] || cp /etc/machine-id $d; }';

function cloudConfig({ id, spec, firstLogin, isCopy }: SeedOf): string {
  const { user, passwordHash, sshKeys, growDisk } = firstLogin;
  const { host, full } = hostNames(spec);
  const config = {
    hostname: host,
    ...(full === null ? {} : { fqdn: full }),
    preserve_hostname: false,
    manage_etc_hosts: true,
    ...(isCopy ? { bootcmd: [['cloud-init-per', 'once', `machine-id-${id}`, 'sh', '-c', NEW_MACHINE_ID]] } : {}),
    ...(user === null ? {} : { user: { name: user, lock_passwd: passwordHash === null } }),
    ...(user === 'root' ? { disable_root: false } : {}),
    ...(passwordHash === null ? {} : { password: passwordHash, chpasswd: { expire: false } }),
    ssh_pwauth: passwordHash !== null,
    ...(sshKeys.length > 0 ? { ssh_authorized_keys: sshKeys } : {}),
    growpart: { mode: growDisk ? 'auto' : 'off', devices: ['/'] },
    resize_rootfs: growDisk,
  };
  return `#cloud-config\n${JSON.stringify(config, null, 2)}\n`;
}

/**
 * What is done once in an instance's life is done anew when the instance has another id: for another guest (a clone), and
 * when something else is asked for. The same wish has the same id, however often the machine starts.
 */
function metaData({ id, spec }: SeedOf, content: SeedFiles): string {
  const hash = createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 12);
  return `${JSON.stringify({ 'instance-id': `guesthouse-${id}-${hash}`, 'local-hostname': hostNames(spec).host }, null, 2)}\n`;
}

/**
 * By its hardware address, so that a further interface or another name changes nothing. Without this file cloud-init
 * would ask for an IPv4 address alone.
 */
function networkConfig(mac: string, { address6, further = [] }: NonNullable<SeedOf['network']>): string {
  const cards = [{ mac, address6 }, ...further].map((card, index): [string, unknown] => [
    `eth${index}`,
    { match: { macaddress: card.mac }, 'set-name': `eth${index}`, dhcp4: true, dhcp6: card.address6 !== null },
  ]);
  return `${JSON.stringify({ version: 2, ethernets: Object.fromEntries(cards) }, null, 2)}\n`;
}

/** A guest's name may have what a host's name may not. */
function hostNames({ name, hostname }: SeedOf['spec']): { host: string; full: string | null } {
  const wished = hostname ?? (name.replace(/[^A-Za-z0-9-]+/g, '-').replace(/^-+|-+$/g, '') || 'guest');
  const [host = wished] = wished.split('.');
  return { host, full: host === wished ? null : wished };
}
