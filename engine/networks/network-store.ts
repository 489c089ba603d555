/** Networks of a home: what they are. The house makes them real when a guest comes. */

import type { Finding } from '../contract/host.ts';
import type { Pruned } from '../contract/image.ts';
import type { Network, NetworkDraft } from '../contract/network.ts';

/** The network that is always there. */
export const BUILT_IN = 'nat';
/** Words of a guest's `network` that name none. */
export const NO_NETWORKS: ReadonlySet<string> = new Set(['none', 'host']);

/** A network with what the house needs to know of it. */
export interface NetworkPlan extends Network {
  /** Its number in this home; 0 is the built-in one's. */
  readonly index: number;
}

/** The next hop of its guests to everywhere else; null: none. */
export function routerOf({ mode, gateway4, outside }: Pick<Network, 'mode' | 'gateway4' | 'outside'>): string | null {
  if (outside) return outside.router4;
  return mode === 'nat' ? gateway4 : null;
}

export interface NetworkStore {
  /** Reads the store; makes the built-in network at the first time. Once, however often it is asked. */
  load(): Promise<void>;
  list(): readonly Network[];
  /** By id or name. Throws `not-found`. */
  get(ref: string): NetworkPlan;
  /** Throws `invalid` for an impossible name or subnet, `conflict` for one that is taken. */
  create(draft: NetworkDraft): Promise<Network>;
  /** Throws `conflict` while guests use it, `invalid` for the built-in one. */
  remove(ref: string): Promise<void>;
  /** Removes networks no guest uses, but the built-in one; `dryRun` only says what would go. */
  prune(dryRun: boolean): Promise<Pruned>;
  /** Told by the engine whenever guests come and go: names of guests by the name of the network. */
  setUsers(users: ReadonlyMap<string, readonly string[]>): void;
  /** Networks that are there and cannot be used; nothing when all is well. */
  doctor(): readonly Finding[];
  /** Called whenever a network appears, changes or goes. One that goes is gone when what this answers resolves. */
  onChange: (change: { network: Network } | { removed: string; index: number }) => void | Promise<void>;
}

/** Names of guests by the network they are on, for `setUsers`. */
export function networkUsers(
  guests: Iterable<{ readonly spec: { name: string; network: string; moreNetworks: readonly string[] } }>,
): ReadonlyMap<string, readonly string[]> {
  const users = new Map<string, string[]>();
  for (const { spec } of guests) {
    for (const network of new Set([spec.network, ...spec.moreNetworks])) {
      if (NO_NETWORKS.has(network)) continue;
      const names = users.get(network);
      if (names) names.push(spec.name);
      else users.set(network, [spec.name]);
    }
  }
  return users;
}
