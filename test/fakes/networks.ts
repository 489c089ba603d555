/** A store of networks with the built-in one and whatever else a test names. */
import { GuesthouseError } from '../../engine/contract/errors.ts';
import type { NetworkMode } from '../../engine/contract/network.ts';
import type { NetworkPlan, NetworkStore } from '../../engine/networks/network-store.ts';

export function fakeNetworks(more: Readonly<Record<string, NetworkMode>> = {}): NetworkStore {
  const refuse = async () => {
    throw new Error('Networks are not changed here.');
  };
  const plans: NetworkPlan[] = [['nat', 'nat'] as const, ...Object.entries(more)].map(([name, mode], index) => ({
    id: index.toString(16).padStart(12, '0'),
    name,
    mode,
    index,
    subnet4: index === 0 ? '10.99.0.0/20' : `10.99.${15 + index}.0/24`,
    gateway4: index === 0 ? '10.99.0.1' : `10.99.${15 + index}.1`,
    subnet6: `fd00:1:2:${index}::/64`,
    gateway6: `fd00:1:2:${index}::1`,
    builtIn: index === 0,
    createdAt: 0,
    labels: {},
    usedBy: [],
  }));
  return {
    load: async () => {},
    list: () => plans,
    get: (ref) => {
      const found = plans.find(({ name, id }) => name === ref || id === ref);
      if (found) return found;
      throw new GuesthouseError({ code: 'not-found', message: `There is no network named ${ref}.` });
    },
    create: refuse,
    remove: refuse,
    prune: async () => ({ removed: [], freedBytes: 0 }),
    setUsers: () => {},
    doctor: () => [],
    onChange: () => {},
  };
}
