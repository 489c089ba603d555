/** The host's own addresses, which guests may not reach. */
import { readFileSync } from 'node:fs';

export interface HostAddresses {
  readonly v4: readonly string[];
  readonly v6: readonly string[];
}

/**
 * Read from the routing tables, not from the list of interfaces: that one leaves out addresses on interfaces without
 * a carrier (an idle docker0), on which services of the host can be reached all the same.
 */
export function hostAddresses(): HostAddresses {
  return { v4: localV4(text('/proc/net/fib_trie')), v6: localV6(text('/proc/net/if_inet6')) };
}

/** Addresses and ranges marked `host LOCAL` in /proc/net/fib_trie. Pure. */
export function localV4(fibTrie: string): string[] {
  const found = new Set<string>();
  let address = '';
  for (const line of fibTrie.split('\n')) {
    const leaf = /\|-- (\d+\.\d+\.\d+\.\d+)/.exec(line);
    if (leaf) address = leaf[1] as string;
    const local = /^\s*\/(\d+) host LOCAL/.exec(line);
    if (local && address !== '') found.add(local[1] === '32' ? address : `${address}/${local[1]}`);
  }
  return [...found].filter((one) => !one.startsWith('127.')).sort();
}

/** Addresses of /proc/net/if_inet6 without loopback. Pure. */
export function localV6(ifInet6: string): string[] {
  const found = new Set<string>();
  for (const line of ifInet6.split('\n')) {
    const digits = /^([0-9a-f]{32}) /.exec(line)?.[1];
    if (digits === undefined || /^0{31}1$/.test(digits)) continue;
    found.add((digits.match(/.{4}/g) as string[]).join(':'));
  }
  return [...found].sort();
}

function text(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // no IPv6 on this host
  }
}
