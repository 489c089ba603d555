/** Networks made real in the house: a bridge, a way through the firewall and a name server each, when a guest comes. */
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { GuesthouseError } from '../contract/errors.ts';
import { run } from '../host/process.ts';
import { bridgeName, guestOfDevice } from './addresses.ts';
import { applyRules } from './firewall.ts';
import { enterHouse, type Holder } from './holder.ts';
import { cableInside, isPluggedIn, plugIn } from './host-bridge.ts';
import type { LinkControl } from './link.ts';
import { endNames, nameFolders, namesPid, startNames } from './names.ts';
import { annexBatch, annexName, annexRules, bridgeBatch, networkRules, plugBatch } from './nat.ts';
import type { NetworkPlan } from './network-store.ts';
import { outsideRules } from './outside-rules.ts';
import type { Place } from './plan.ts';

/**
 * Devices on one bridge. The kernel would take 1,023, but a packet for all of them is as many packets at once for one
 * processor, which drops what is beyond net.core.netdev_max_backlog (1,000): nobody hears the last ones ask. From bridge
 * to bridge they come one after the other.
 */
const MOST_DEVICES = 400;
const MOST_ANNEXES = 16;

export interface Bridges {
  /** The network is there and answers when this resolves. Costs nothing while it is. */
  raise(network: NetworkPlan): Promise<void>;
  /** The same for all that were there already: for a new engine, or a new firewall. */
  raiseStanding(networks: readonly NetworkPlan[], anew: boolean): Promise<void>;
  /** Starts again what died of those that were raised. */
  tend(): Promise<void>;
  /** Plugs a cable or tap of the house into the network. */
  plug(place: Place, device: string): Promise<void>;
  /** A guest's devices are gone. */
  unplugged(guestId: string): void;
  drop(index: number): Promise<void>;
  /** What is known was of another house. */
  forget(): void;
}

interface Dependencies {
  readonly runFolder: string;
  readonly link: LinkControl;
  holder(): Holder;
}

export function createBridges({ runFolder, link, holder }: Dependencies): Bridges {
  const raised = new Map<number, Promise<void>>();
  const known = new Map<number, NetworkPlan>();
  /** Bridge by device of a guest; null: not yet looked at in this house. */
  let plugged: Promise<Map<string, string>> | null = null;
  const annexes = new Map<string, Promise<void>>();

  async function look(): Promise<Map<string, string>> {
    const { stdout } = await run([...enterHouse(holder(), { network: true }), 'ip', '-o', 'link', 'show']);
    const words = [...stdout.matchAll(/^\d+: ([vt][0-9a-f]{12}\w*)[@:].* master (gn\w+) /gm)];
    return new Map(words.map(([, device, bridge]) => [device as string, bridge as string]));
  }

  function whatIsPlugged(): Promise<Map<string, string>> {
    if (plugged === null) {
      const looking = look();
      plugged = looking;
      looking.catch(() => {
        if (plugged === looking) plugged = null;
      });
    }
    return plugged;
  }

  async function build(network: NetworkPlan): Promise<void> {
    const bridge = bridgeName(network.index);
    if (!devices(holder().pid).has(bridge)) {
      await link.apply(bridgeBatch(network)).catch(async (error) => {
        await link.apply(`link del ${bridge}\n`).catch(() => {}); // half-made
        throw error;
      });
    }
    const there = devices(holder().pid);
    const annexed = Array.from({ length: MOST_ANNEXES }, (_, annex) => annex).filter(
      (annex) => annex > 0 && there.has(annexName(network.index, annex)),
    );
    const rules = annexed.map((annex) => annexRules(network.index, annex));
    // The name server takes longest.
    await Promise.all([answer(network), applyRules(holder(), networkRules(network) + rules.join(''))]);
  }

  /** Not before the rules: nothing of ours may be heard on somebody else's network. */
  async function join(network: NetworkPlan): Promise<void> {
    if (!network.outside || (await isPluggedIn(network))) return;
    await applyRules(holder(), outsideRules());
    await plugIn(network, network.outside, holder().pid);
    await link.apply(`link set ${cableInside(network.index)} master ${bridgeName(network.index)} up\n`);
  }

  async function addAnnex(index: number, annex: number): Promise<void> {
    if (devices(holder().pid).has(annexName(index, annex))) return;
    await link.apply(annexBatch(index, annex));
    await applyRules(holder(), annexRules(index, annex));
  }

  async function answer(network: NetworkPlan): Promise<void> {
    if (namesPid(holder(), bridgeName(network.index)) === null) await startNames(holder(), network, runFolder);
  }

  /** A bridge of the host that is gone is told to the guest that needs it, and keeps no other from anything. */
  async function raiseOrLeave(network: NetworkPlan): Promise<void> {
    const raising = bridges.raise(network);
    await (network.outside ? raising.catch(() => {}) : raising);
  }

  const bridges: Bridges = {
    async raise(network) {
      const { index } = network;
      known.set(index, network);
      let making = raised.get(index);
      if (making === undefined) {
        // The guest it is raised for will ask.
        void whatIsPlugged();
        making = build(network).then(() => join(network));
        raised.set(index, making);
        making.catch(() => raised.delete(index));
        return making;
      }
      await making;
      await join(network);
      if (namesPid(holder(), bridgeName(index)) !== null) return;
      const again = answer(network);
      raised.set(index, again);
      again.catch(() => raised.delete(index));
      await again;
    },
    async raiseStanding(networks, anew) {
      if (anew) raised.clear();
      const there = devices(holder().pid);
      const standing = networks.filter(({ index }) => index === 0 || there.has(bridgeName(index)));
      await Promise.all(standing.map((network) => raiseOrLeave(network)));
    },
    async tend() {
      const dead = [...known.values()].filter(({ index }) => namesPid(holder(), bridgeName(index)) === null);
      await Promise.all(dead.map((network) => raiseOrLeave(network)));
    },
    async plug(place, device) {
      const all = await whatIsPlugged();
      const { index, name } = place.network;
      for (let annex = 0; annex < MOST_ANNEXES; annex += 1) {
        const bridge = annexName(index, annex);
        let count = 0;
        for (const one of all.values()) if (one === bridge) count += 1;
        if (count >= MOST_DEVICES) continue;
        all.set(device, bridge); // at once: another guest may come while the bridge is made
        try {
          if (annex > 0) {
            const making = annexes.get(bridge) ?? addAnnex(index, annex);
            annexes.set(bridge, making);
            making.catch(() => annexes.delete(bridge));
            await making;
          }
          return await link.apply(plugBatch(place, device, bridge));
        } catch (error) {
          all.delete(device);
          throw error;
        }
      }
      throw new GuesthouseError({
        code: 'resources',
        message: `The network ${name} is full.`,
        subject: name,
        cause: `It has ${MOST_ANNEXES * MOST_DEVICES} guests.`,
        hint: 'Use a further network.',
      });
    },
    unplugged(guestId) {
      void plugged?.then((all) => {
        for (const device of all.keys()) if (guestOfDevice(device) === guestId) all.delete(device);
      });
    },
    async drop(index) {
      raised.delete(index);
      known.delete(index);
      annexes.clear();
      const bridge = bridgeName(index);
      endNames(holder(), bridge);
      for (const device of devices(holder().pid)) {
        const ours = device === bridge || device === cableInside(index);
        if (ours || device.startsWith(`${bridge}x`) || device.startsWith(`gt${index}x`)) {
          await link.apply(`link del ${device}\n`);
        }
      }
      const folders = nameFolders(runFolder, bridge);
      for (const folder of [folders.hosts, folders.dhcp]) await rm(folder, { recursive: true, force: true });
    },
    forget() {
      raised.clear();
      known.clear();
      annexes.clear();
      plugged = null;
    },
  };
  return bridges;
}

/** Names of the devices in a process's network. */
function devices(pid: number): Set<string> {
  const lines = readFileSync(`/proc/${pid}/net/dev`, 'latin1').split('\n').slice(2);
  return new Set(lines.map((line) => line.slice(0, Math.max(0, line.indexOf(':'))).trim()));
}
