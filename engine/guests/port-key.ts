/** Host ports as keys, and whether two of them can be listened on at the same time. Pure. */
import { isIPv6 } from 'node:net';
import type { PortRule } from '../contract/guest.ts';

export type PortPlace = Pick<PortRule, 'protocol' | 'hostIp' | 'hostPort'>;

/** `tcp 8080 127.0.0.1`. An IPv6 address is written in its one short form. */
export function keyOf({ protocol, hostPort, hostIp }: PortPlace): string {
  return `${protocol} ${hostPort} ${canonical(hostIp)}`;
}

/** The first of `taken` (key -> who has it) that stands in the way: the same port on the same or on every address. */
export function clash(key: string, taken: ReadonlyMap<string, string>): string | undefined {
  const [protocol, port, ip] = key.split(' ') as [string, string, string];
  for (const [other, name] of taken) {
    const [otherProtocol, otherPort, otherIp] = other.split(' ') as [string, string, string];
    if (protocol !== otherProtocol || port !== otherPort) continue;
    if (ip === otherIp) return name;
    const sameFamily = isIPv6(ip) === isIPv6(otherIp);
    if (sameFamily && [ip, otherIp].some((one) => one === '0.0.0.0' || one === '::')) return name;
  }
  return undefined;
}

/** `127.0.0.1:8080`, `[::1]:8080`, `0.0.0.0:53/udp`. */
export function placeText({ hostIp, hostPort, protocol }: PortPlace): string {
  const host = isIPv6(hostIp) ? `[${hostIp}]` : hostIp;
  return `${host}:${hostPort}${protocol === 'udp' ? '/udp' : ''}`;
}

function canonical(ip: string): string {
  if (!isIPv6(ip) || ip.includes('%')) return ip;
  return new URL(`http://[${ip}]`).hostname.slice(1, -1);
}
