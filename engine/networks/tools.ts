/** The programs networking needs, and the packages that have them. */
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { cleanEnv } from '../host/process.ts';

const PACKAGES: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  nft: 'nftables',
  slirp4netns: 'slirp4netns',
  dnsmasq: 'dnsmasq-base',
  newuidmap: 'uidmap',
  newgidmap: 'uidmap',
  unshare: 'util-linux',
  nsenter: 'util-linux',
};

/** Where a program is on our PATH (with the sbin folders); null when it is not installed. */
export function toolPath(name: string): string | null {
  for (const folder of (cleanEnv().PATH ?? '').split(':')) {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {
      // not in this folder
    }
  }
  return null;
}

export function installHint(name: string): string {
  return `Install the package ${PACKAGES[name] ?? name} (its name on Debian and Ubuntu).`;
}
