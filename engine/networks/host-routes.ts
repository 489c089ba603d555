/** Where the host sends packets: a network of ours must not have the same addresses. */
import { readFileSync } from 'node:fs';
import type { Subnet } from './subnet.ts';

export interface HostRoute extends Subnet {
  readonly device: string;
}

export function hostRoutes(): HostRoute[] {
  try {
    return parseRoutes(readFileSync('/proc/net/route', 'latin1'));
  } catch {
    return [];
  }
}

/** Routes of /proc/net/route text but the default one: addresses are hexadecimal in the host's byte order. Pure. */
export function parseRoutes(text: string): HostRoute[] {
  const found: HostRoute[] = [];
  for (const line of text.split('\n').slice(1)) {
    const [device, destination, , , , , , mask] = line.trim().split(/\s+/);
    if (!device || !destination || !mask) continue;
    const bits = swapped(mask).toString(2).replaceAll('0', '').length;
    if (bits > 0) found.push({ device, base: swapped(destination), bits });
  }
  return found;
}

function swapped(hex: string): number {
  return Number.parseInt((hex.match(/../g) ?? []).reverse().join(''), 16);
}
