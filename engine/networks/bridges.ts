/** Networks made real in the house: a bridge, a way through the firewall and a name server each, when a guest comes. */
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { GuesthouseError } from '../contract/errors.ts';
import { bridgeName } from './addresses.ts';
import { applyRules } from './firewall.ts';
import type { Holder } from './holder.ts';
import type { LinkControl } from './link.ts';
import { endNames, nameFolders, namesPid, startNames } from './names.ts';
import { annexBatch, annexName, annexRules, bridgeBatch, networkRules, plugBatch } from './nat.ts';
import type { NetworkPlan } from './network-store.ts';
import { parseSubnet, type Subnet } from './subnet.ts';

/**
 * Bridges of one network: 1,023 devices fit into each. The next one is there before it is needed, for a full bridge has
 * no room for the cable between them either.
 */
const MOST_ANNEXES = 16;
/** A network with fewer addresses never fills a bridge (leading bits). */
const SMALL_BITS = 22;

export interface Bridges {
  /** The network is there and answers when this resolves. Costs nothing while it is. */
  raise(network: NetworkPlan): Promise<void>;
  /** The same for all that were there already: for a new engine, or a new firewall. */
  raiseStanding(networks: readonly NetworkPlan[], anew: boolean): Promise<void>;
  /** Plugs a cable or tap of the house into the network. */
  plug(network: NetworkPlan, device: string): Promise<void>;
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
  /** Where the next device of a network is tried first. */
  const annexes = new Map<number, number>();

  async function build(network: NetworkPlan): Promise<void> {
    const bridge = bridgeName(network.index);
    if (!devices(holder().pid).has(bridge)) {
      await link.apply(bridgeBatch(network)).catch(async (error) => {
        await link.apply(`link del ${bridge}\n`).catch(() => {}); // half-made
        throw error;
      });
    }
    const { bits } = parseSubnet(network.subnet4) as Subnet;
    if (bits < SMALL_BITS) await addAnnex(network.index, 1);
    const there = devices(holder().pid);
    const annexed = Array.from({ length: MOST_ANNEXES }, (_, annex) => annex).filter(
      (annex) => annex > 0 && there.has(annexName(network.index, annex)),
    );
    const rules = annexed.map((annex) => annexRules(network.index, annex));
    await applyRules(holder(), networkRules(network) + rules.join(''));
  }

  async function addAnnex(index: number, annex: number): Promise<void> {
    if (annex >= MOST_ANNEXES || devices(holder().pid).has(annexName(index, annex))) return;
    // Two guests may have found the last one full at the same time.
    await link.apply(annexBatch(index, annex)).catch((error) => {
      if (!(error instanceof GuesthouseError && error.code === 'conflict')) throw error;
    });
  }

  async function answer(network: NetworkPlan): Promise<void> {
    if (namesPid(holder(), bridgeName(network.index)) === null) await startNames(holder(), network, runFolder);
  }

  const bridges: Bridges = {
    async raise(network) {
      const { index } = network;
      let making = raised.get(index);
      if (making === undefined) {
        making = build(network).then(() => answer(network));
        raised.set(index, making);
        making.catch(() => raised.delete(index));
        return making;
      }
      await making;
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
      await Promise.all(standing.map((network) => bridges.raise(network)));
    },
    async plug(network, device) {
      const { index, name } = network;
      const from = annexes.get(index) ?? 0;
      for (let tried = 0; tried < MOST_ANNEXES; tried += 1) {
        const annex = (from + tried) % MOST_ANNEXES;
        if (annex > 0 && !devices(holder().pid).has(annexName(index, annex))) continue;
        try {
          await link.apply(plugBatch(device, annexName(index, annex)));
          if (annex > 0 && annex !== annexes.get(index)) {
            await addAnnex(index, annex + 1);
            await applyRules(holder(), annexRules(index, annex + 1));
          }
          annexes.set(index, annex);
          return;
        } catch (error) {
          if (!(error instanceof GuesthouseError && /Exchange full/.test(error.cause ?? ''))) throw error;
        }
      }
      throw new GuesthouseError({
        code: 'resources',
        message: `The network ${name} is full.`,
        subject: name,
        cause: `It has ${MOST_ANNEXES} bridges of 1,023 devices each.`,
        hint: 'Use a further network.',
      });
    },
    async drop(index) {
      raised.delete(index);
      annexes.delete(index);
      const bridge = bridgeName(index);
      endNames(holder(), bridge);
      for (const device of devices(holder().pid)) {
        if (device === bridge || device.startsWith(`${bridge}x`) || device.startsWith(`gt${index}x`)) {
          await link.apply(`link del ${device}\n`);
        }
      }
      const folders = nameFolders(runFolder, bridge);
      for (const folder of [folders.hosts, folders.dhcp]) await rm(folder, { recursive: true, force: true });
    },
    forget() {
      raised.clear();
      annexes.clear();
    },
  };
  return bridges;
}

/** Names of the devices in a process's network. */
function devices(pid: number): Set<string> {
  const lines = readFileSync(`/proc/${pid}/net/dev`, 'latin1').split('\n').slice(2);
  return new Set(lines.map((line) => line.slice(0, Math.max(0, line.indexOf(':'))).trim()));
}
