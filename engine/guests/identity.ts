/** Ids, addresses and hardware addresses: given once at creation, kept for the guest's life. */
import { randomBytes } from 'node:crypto';
import { GuesthouseError } from '../contract/errors.ts';
import type { GuestAddress, GuestSpec } from '../contract/guest.ts';
import type { NetworkPlan } from '../networks/network-store.ts';
import { addressOf, interfaceId, parseRange, parseSubnet, type Subnet, sizeOf } from '../networks/subnet.ts';

/** A new id: 12 hex digits, whose hardware address is not one of `taken` either. */
export function newGuestId(taken: ReadonlySet<string>): string {
  const macs = new Set([...taken].map(macFor));
  for (;;) {
    const id = randomBytes(6).toString('hex');
    if (!macs.has(macFor(id))) return id;
  }
}

/** A locally administered address (52:54, as QEMU's own) from the id's last four bytes. */
export function macFor(id: string): string {
  return `52:54:${id.slice(4, 6)}:${id.slice(6, 8)}:${id.slice(8, 10)}:${id.slice(10, 12)}`;
}

/** Left free at the beginning of a network large enough for it, the gateway among them. */
const KEPT = 16;
const LARGE_BITS = 24;

/**
 * Where a guest is on each of its networks; empty with `none` and `host`. Addresses it has already (`kept`) stay.
 * Throws `resources` when a network is full, `not-found` when it is not there.
 */
export function addressesFor(
  id: string,
  spec: Pick<GuestSpec, 'network' | 'moreNetworks'>,
  networks: { get(name: string): NetworkPlan },
  taken: ReadonlySet<string>,
  kept: readonly GuestAddress[] = [],
): GuestAddress[] {
  if (spec.network === 'none' || spec.network === 'host') return [];
  return [spec.network, ...spec.moreNetworks].map((name) => {
    const plan = networks.get(name);
    const prefix6 = plan.subnet6?.replace('::/64', '') ?? null;
    const own = kept.find(({ network }) => network === name)?.v4;
    return {
      network: name,
      v4: own ?? addressFor(id, plan, taken),
      v6: prefix6 === null ? null : `${prefix6}:${interfaceId(id)}`,
    };
  });
}

/** IPv4 addresses that guests have, on all networks: those never overlap. */
export function addressesTaken(
  guests: Iterable<{ readonly address: string | null; readonly addresses?: readonly GuestAddress[] }>,
): Set<string> {
  const taken = new Set<string>();
  for (const { address, addresses } of guests) {
    for (const one of [address, ...(addresses ?? []).map(({ v4 }) => v4)]) if (one !== null) taken.add(one);
  }
  return taken;
}

/** A free address, chosen from the id so that it rarely comes back to another guest soon. */
function addressFor(id: string, plan: NetworkPlan, taken: ReadonlySet<string>): string {
  const { first, span } = choiceOf(plan);
  const start = Number.parseInt(id.slice(0, 8), 16) % span;
  for (let step = 0; step < span; step += 1) {
    const address = addressOf(first + ((start + step) % span));
    if (!taken.has(address)) return address;
  }
  throw new GuesthouseError({
    code: 'resources',
    message: `All ${span} addresses of the network ${plan.name} are taken.`,
    subject: plan.name,
    hint: 'Remove guests that are no longer needed, or use a further network.',
  });
}

/** The first address a guest may have, and how many there are. */
function choiceOf(plan: NetworkPlan): { first: number; span: number } {
  const left = plan.outside ? parseRange(plan.outside.range4) : null;
  if (left !== null) return { first: left.first + 1, span: left.last - left.first };
  const subnet = parseSubnet(plan.subnet4) as Subnet;
  const kept = subnet.bits <= LARGE_BITS ? KEPT : 2;
  return { first: subnet.base + kept, span: sizeOf(subnet) - 1 - kept }; // the last one is for broadcasts
}
