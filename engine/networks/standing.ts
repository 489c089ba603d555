/** Brings the house up and keeps it up: the holder first, then bridge, firewall, uplink and names. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GuesthouseError, toErrorShape } from '../contract/errors.ts';
import type { Inside } from '../host/child.ts';
import type { Log } from '../host/log.ts';
import { isAlive } from '../host/process-ref.ts';
import { type SpawnThread, startSpawnThread } from '../host/spawn-thread.ts';
import { type Bridges, createBridges } from './bridges.ts';
import { applyRules } from './firewall.ts';
import { enableForwarding } from './forwarding.ts';
import {
  endHolder,
  enterAsService,
  enterHouse,
  type Holder,
  type HousePaths,
  recordedHolder,
  writeHolder,
} from './holder.ts';
import { startHolder, unrecordedHolder, wasStarting } from './holder-start.ts';
import { hostAddresses } from './host-addresses.ts';
import { createLinkControl, type LinkControl } from './link.ts';
import { firewallRules, hostAddressRules, RULES_VERSION, uplinkBatch } from './nat.ts';
import type { NetworkStore } from './network-store.ts';
import { createPortTable, type PortTable } from './ports.ts';
import { type Lack, networkLack } from './requirements.ts';
import { createResolvers, type Resolvers } from './resolvers.ts';
import { endStrays } from './strays.ts';
import { hostHasIpv6, startUplink, uplinkPid } from './uplink.ts';

/** What a house leaves in the run folder and a new one must not find. */
const CONTENTS = ['netns', 'hosts', 'dhcp', 'names', 'resolvers', 'ports.json', 'relay.sock'];
const OWN_FILES = ['house.json', 'house.starting', 'house.net', 'house.log', 'slirp4netns.log', 'relay.log'];

/** A command that starts one container and ends asks less often, and would wait for the thread rather than for programs. */
const FEW_REQUESTS = 8;

const NOT_YET: Lack = { reason: 'The house has not been started yet.', fix: null };

export interface Standing {
  /**
   * Starts or meets the house; what it has of a network is repaired, and none is made. One attempt at a time, shared by
   * all who ask.
   */
  ensure(): Promise<void>;
  /** The same, with a network, unless `lack` says why there is none. */
  ensureNetwork(): Promise<void>;
  /** The holder as last seen; null before `ensure`. */
  readonly holder: Holder | null;
  /** The same for those who come after `ensure`; `internal` when it was forgotten. */
  known(): Holder;
  /** Where programs of the house are started. */
  inside(options: { network: boolean }): Inside;
  /** As in the house. */
  mount(target: string, overlay: string | null): Promise<boolean>;
  /** Why networking does not work; null when it does. */
  readonly lack: Lack | null;
  readonly link: LinkControl;
  readonly ports: PortTable;
  readonly bridges: Bridges;
  readonly resolvers: Resolvers;
  /** The running house, also that of an earlier engine; null without one, for it starts none. */
  meet(): Promise<Holder | null>;
  /** The house with a working network, or `unsupported` saying why not. */
  needNetwork(): Promise<Holder>;
  /** Guests must not reach the host under any address it has now. Costs nothing while those stay the same. */
  blockHostAddresses(): Promise<void>;
  /** Forgets the house without ending it. */
  close(): Promise<void>;
  demolish(): Promise<void>;
}

export function createStanding(paths: HousePaths, log: Log, networks: NetworkStore): Standing {
  const runFolder = paths.run;
  let holder: Holder | null = null;
  let thread: SpawnThread | null = null;
  let requests = 0;
  let lack: Lack | null = NOT_YET;
  /** The rules last applied for the host's addresses. */
  let blocked = '';
  /** The relay is known to hold what `ports.json` says, and bridges of an earlier engine are known. */
  let reconciled = false;
  let holding: Promise<void> | null = null;
  let networking: Promise<void> | null = null;

  const home = (): Holder => {
    if (holder === null) throw new GuesthouseError({ code: 'internal', message: 'The house has not been started.' });
    return holder;
  };
  const link = createLinkControl(() => enterAsService(home(), { inside: true }));
  const ports = createPortTable({ runFolder, log, holder: home });
  const resolvers = createResolvers({ runFolder, holder: home });
  const bridges = createBridges({ runFolder, link, holder: home });
  const clear = async (names: readonly string[]) => {
    for (const name of names) await rm(join(runFolder, name), { recursive: true, force: true });
  };
  const forget = () => {
    link.close(); // it would go on in the old house
    bridges.forget();
    thread?.close();
    thread = null;
    requests = 0;
    holder = null;
    lack = NOT_YET;
    reconciled = false;
    blocked = '';
  };
  /** What is being started is there before it is let go of, or nobody would know of it. */
  const settled = () => Promise.allSettled([holding, networking]);

  async function findHolder(): Promise<Holder> {
    forget();
    const recorded = await recordedHolder(runFolder);
    if (recorded !== null && isAlive(recorded)) {
      log.info('house: met again', { pid: recorded.pid });
      return recorded;
    }
    if (recorded === null) {
      const lost = await unrecordedHolder(paths);
      if (lost !== null) {
        log.warn('house: met again without its record', { pid: lost.pid });
        return lost;
      }
    }
    const strays = await endStrays(paths.home, recorded?.mountNamespace ?? null);
    if (strays > 0) log.warn('house: ended what an engine left half-started', { processes: strays });
    const started = await startHolder(paths, recorded);
    // Only where guests survived their holder is there anything to keep.
    if (recorded?.mountNamespace !== started.mountNamespace) await clear(CONTENTS);
    log.info('house: started', { pid: started.pid, ids: started.ids });
    return started;
  }

  async function buildNetwork(): Promise<void> {
    const addresses = hostAddressRules(hostAddresses());
    await Promise.all([
      link.apply('link set lo up\n'),
      enableForwarding(home()),
      applyRules(home(), firewallRules() + addresses),
    ]);
    blocked = addresses;
  }

  async function blockHostAddresses(): Promise<void> {
    if (holder === null || !holder.networkReady) return;
    const rules = hostAddressRules(hostAddresses());
    if (rules === blocked) return;
    await applyRules(holder, rules);
    blocked = rules;
  }

  async function ensureUplink(): Promise<void> {
    if (uplinkPid(home()) !== null) return;
    await startUplink(home(), runFolder);
    if (hostHasIpv6()) await link.apply(uplinkBatch()).catch((error) => log.warn('house: no IPv6 outside', { error }));
  }

  async function tendNetwork(): Promise<void> {
    const fresh = !home().networkReady || home().rules !== RULES_VERSION;
    if (fresh) {
      await buildNetwork();
      holder = { ...home(), networkReady: true, rules: RULES_VERSION };
      await writeHolder(runFolder, holder);
    }
    await blockHostAddresses();
    const all = networks.list().map(({ id }) => networks.get(id));
    // After the firewall: whoever finds a service running takes it for complete.
    await Promise.all([ensureUplink(), fresh || !reconciled ? bridges.raiseStanding(all, fresh) : bridges.tend()]);
    if (!reconciled || ports.isBroken()) await ports.reconcile();
    reconciled = true;
  }

  function readyThread(): SpawnThread | null {
    requests += 1;
    if (requests > FEW_REQUESTS) thread ??= startSpawnThread(home());
    return thread?.ready ? thread : null;
  }

  async function hold(): Promise<void> {
    if (holder !== null && isAlive(holder)) return;
    holding ??= findHolder()
      .then((found) => {
        holder = found;
      })
      .finally(() => {
        holding = null;
      });
    return holding;
  }

  async function network(): Promise<void> {
    await hold();
    networking ??= (async () => {
      const missing = networkLack();
      try {
        if (missing === null) await tendNetwork();
        lack = missing;
      } catch (error) {
        lack = lackOf(error);
        log.error('house: no network', { error });
      }
    })().finally(() => {
      networking = null;
    });
    return networking;
  }

  const standing: Standing = {
    get holder() {
      return holder;
    },
    get lack() {
      return lack;
    },
    known: home,
    inside({ network }) {
      const at = home();
      const inside = readyThread();
      return {
        words: (folder) => enterHouse(at, { network, ...(folder ? { folder } : {}) }),
        spawn: inside && ((request) => inside.spawn({ ...request, network })),
      };
    },
    async mount(target, overlay) {
      const request = { target, mount: overlay === null ? null : { type: 'overlay', options: overlay } };
      return readyThread()?.mount(request) ?? false;
    },
    link,
    ports,
    bridges,
    resolvers,
    async ensure() {
      await hold();
      if (home().networkReady) await network();
    },
    ensureNetwork: network,
    async meet() {
      if (holder !== null) return isAlive(holder) ? holder : null;
      const recorded = await recordedHolder(runFolder);
      if (recorded === null || !isAlive(recorded)) return null;
      await standing.ensure();
      return holder;
    },
    async needNetwork() {
      await network();
      if (lack === null) return home();
      throw new GuesthouseError({
        code: 'unsupported',
        message: 'Networking does not work on this host.',
        subject: 'network',
        cause: lack.reason,
        ...(lack.fix === null ? {} : { hint: lack.fix }),
      });
    },
    blockHostAddresses,
    async close() {
      await settled();
      forget();
    },
    async demolish() {
      await settled();
      const last = holder ?? (await recordedHolder(runFolder));
      forget();
      if (last !== null) await endHolder(last);
      // Looking for strays means looking at every process, so only after an engine that was cut off.
      if (await wasStarting(runFolder)) await endStrays(paths.home, null);
      await clear([...CONTENTS, ...OWN_FILES]);
    },
  };
  return standing;
}

/** Something thrown, as what stands in the way. */
export function lackOf(thrown: unknown): Lack {
  const { message, cause, hint } = toErrorShape(thrown);
  return { reason: cause ? `${message} ${cause}` : message, fix: hint ?? null };
}
