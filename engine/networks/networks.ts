/** The networks of one home. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { GuesthouseError } from '../contract/errors.ts';
import type { Network, NetworkDraft, NetworkOutside } from '../contract/network.ts';
import type { Log } from '../host/log.ts';
import type { Paths } from '../host/paths.ts';
import { NETWORK, PREFIX_LENGTH } from './addresses.ts';
import { type HostRoute, hostRoutes } from './host-routes.ts';
import { freeSubnet, nameProblem, networkInUse, unknownNetwork, wishedSubnet } from './network-problems.ts';
import { eraseNetwork, type NetworkRecord, readNetworks, writeNetwork } from './network-records.ts';
import { BUILT_IN, type NetworkPlan, type NetworkStore } from './network-store.ts';
import { wishedOutside } from './outside.ts';
import { addressOf, localPrefix, parseRange, parseSubnet, prefix64, type Subnet, subnetText } from './subnet.ts';

/** Whether this kernel knows IPv6 at all. */
const HAS_IPV6 = existsSync('/proc/net/if_inet6');

export function createNetworks({
  paths,
  log,
}: {
  readonly paths: Pick<Paths, 'home'>;
  readonly log: Log;
}): NetworkStore {
  const root = join(paths.home, 'networks');
  const records = new Map<string, NetworkRecord>();
  let unreadable: readonly { readonly id: string; readonly reason: string }[] = [];
  let users: ReadonlyMap<string, readonly string[]> = new Map();
  let loading: Promise<void> | null = null;
  /** One is made after the other: each looks at what is taken. */
  let making: Promise<unknown> = Promise.resolve();

  const builtIn = () => [...records.values()].find(({ index }) => index === 0);
  const show = (record: NetworkRecord): NetworkPlan => {
    const { id, name, mode, index, subnet4, outside, createdAt, labels } = record;
    const prefix48 = builtIn()?.prefix48 ?? null;
    // What is said of IPv6 on somebody else's network is said by its routers.
    const prefix6 = HAS_IPV6 && prefix48 !== null && !outside ? prefix64(prefix48, index) : null;
    const first = outside ? parseRange(outside.range4)?.first : undefined;
    return {
      ...{ id, name, mode, index, subnet4, createdAt, labels },
      gateway4: addressOf(first ?? (parseSubnet(subnet4) as Subnet).base + 1),
      ...(outside ? { outside } : {}),
      subnet6: prefix6 === null ? null : `${prefix6}::/64`,
      gateway6: prefix6 === null ? null : `${prefix6}::1`,
      builtIn: index === 0,
      usedBy: users.get(name) ?? [],
    };
  };
  const find = (ref: string): NetworkRecord => {
    const found = records.get(ref) ?? [...records.values()].find(({ name }) => name === ref);
    if (found) return found;
    throw unknownNetwork(ref);
  };
  const taken = () => [...records.values()];

  async function read(): Promise<void> {
    const found = await readNetworks(root);
    unreadable = found.unreadable;
    for (const { id, reason } of unreadable) log.error('a network cannot be read', { id, reason });
    for (const record of found.records) records.set(record.id, record);
    if (builtIn()) return;
    const record = await writeNetwork(root, {
      id: freshId(),
      name: BUILT_IN,
      mode: 'nat',
      index: 0,
      subnet4: `${NETWORK}/${PREFIX_LENGTH}`,
      prefix48: localPrefix(randomBytes(5)),
      createdAt: Date.now(),
      labels: {},
    });
    records.set(record.id, record);
  }

  function freshId(): string {
    for (;;) {
      const id = randomBytes(6).toString('hex');
      if (!records.has(id)) return id;
    }
  }

  async function drop(record: NetworkRecord): Promise<void> {
    // First here: a guest made meanwhile must not come onto a network that is going.
    records.delete(record.id);
    try {
      await eraseNetwork(root, record.id);
    } catch (error) {
      records.set(record.id, record);
      throw error;
    }
    // Awaited: a command ends at once, and the next network may get this one's number.
    await store.onChange({ removed: record.id, index: record.index });
  }

  async function make(draft: NetworkDraft): Promise<Network> {
    const problem = nameProblem(draft.name);
    if (problem) throw problem;
    if (taken().some(({ name, id }) => name === draft.name || id === draft.name)) {
      throw new GuesthouseError({
        code: 'conflict',
        message: `There is a network named ${draft.name} already.`,
        subject: draft.name,
        hint: 'Choose another name.',
      });
    }
    const others = taken().map(({ name, subnet4 }) => ({ name, ...(parseSubnet(subnet4) as Subnet) }));
    const routes = hostRoutes();
    const { subnet, outside } = await subnetFor(draft, others, routes);
    const used = new Set(taken().map(({ index }) => index));
    let index = 1;
    while (used.has(index)) index += 1;
    const record: NetworkRecord = {
      version: 1,
      id: freshId(),
      name: draft.name,
      mode: outside ? 'bridged' : (draft.mode ?? 'nat'),
      index,
      subnet4: subnetText(subnet),
      ...(outside ? { outside } : {}),
      prefix48: null,
      createdAt: Date.now(),
      labels: draft.labels ?? {},
    };
    await writeNetwork(root, record);
    records.set(record.id, record);
    const network = withoutIndex(show(record));
    void store.onChange({ network });
    return network;
  }

  const store: NetworkStore = {
    onChange: () => {},
    load: () => {
      loading ??= read();
      return loading;
    },
    list: () =>
      [...records.values()]
        .sort((a, b) => Number(b.index === 0) - Number(a.index === 0) || a.name.localeCompare(b.name))
        .map((record) => withoutIndex(show(record))),
    get: (ref) => show(find(ref)),
    create(draft) {
      const made = making.then(() => make(draft));
      making = made.catch(() => {});
      return made;
    },
    async remove(ref) {
      const record = find(ref);
      if (record.index === 0) {
        throw new GuesthouseError({
          code: 'invalid',
          message: `The network ${record.name} is always there and cannot be removed.`,
          subject: record.name,
        });
      }
      const usedBy = users.get(record.name) ?? [];
      if (usedBy.length > 0) throw networkInUse(record.name, usedBy);
      await drop(record);
    },
    async prune(dryRun) {
      const idle = [...records.values()].filter(({ index, name }) => index !== 0 && !users.get(name)?.length);
      if (!dryRun) for (const record of idle) await drop(record);
      return { removed: idle.map(({ name }) => name), freedBytes: 0 };
    },
    setUsers(next) {
      const before = users;
      users = next;
      for (const record of records.values()) {
        const [old, now] = [before.get(record.name) ?? [], next.get(record.name) ?? []];
        if (old.join('\n') !== now.join('\n')) void store.onChange({ network: withoutIndex(show(record)) });
      }
    },
    doctor: () =>
      unreadable.map(({ id, reason }) => ({
        id: `network-${id}`,
        level: 'problem',
        title: 'Network',
        found: `A network of this home cannot be used: ${reason}.`,
        fix: `Put back ${join(root, `${id}.json`)} from a backup, or remove it.`,
      })),
  };
  return store;
}

type Taken = Subnet & { readonly name: string };

async function subnetFor(
  draft: NetworkDraft,
  others: readonly Taken[],
  routes: readonly HostRoute[],
): Promise<{ subnet: Subnet; outside?: NetworkOutside }> {
  const { subnet4 } = draft;
  if (draft.mode === 'bridged' || draft.outside) return wishedOutside(draft, others, routes);
  if (subnet4 === undefined) return { subnet: freeSubnet(others, routes) };
  return { subnet: wishedSubnet({ ...draft, subnet4 }, others, routes) };
}

function withoutIndex({ index: _, ...network }: NetworkPlan): Network {
  return network;
}
