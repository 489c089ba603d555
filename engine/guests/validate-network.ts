/** What can be wrong with where a guest is on the network. Pure. */
import { isIP } from 'node:net';
import type { ErrorShape } from '../contract/errors.ts';
import type { GuestSpec } from '../contract/guest.ts';
import type { NetworkMode } from '../contract/network.ts';
import { isOfOneCard, readMac } from '../networks/mac.ts';
import { clash, keyOf } from './port-key.ts';

type Say = (field: string, error: ErrorShape) => void;

export interface NetworkSurroundings {
  /** Mode by name; left out: the built-in network alone. */
  readonly networks?: ReadonlyMap<string, NetworkMode> | undefined;
  /** Hardware address -> name of the guest that has it. Left out: none. */
  readonly takenMacs?: ReadonlyMap<string, string>;
  /** Keys of ports (see port-key.ts) -> name of the guest that has them. */
  readonly takenPorts: ReadonlyMap<string, string>;
}

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}$/;
const MOST_FURTHER = 7;

export function validateNetwork(spec: GuestSpec, around: NetworkSurroundings, say: Say): void {
  const networks = around.networks ?? new Map<string, NetworkMode>([['nat', 'nat']]);
  const { network, moreNetworks, isolation } = spec;
  const invalid = (field: string, message: string, hint: string) => say(field, { code: 'invalid', message, hint });
  const mustBeThere = (field: string, name: string) => {
    if (networks.has(name)) return;
    say(field, {
      code: 'not-found',
      message: `There is no network named ${quote(name)}.`,
      hint: 'See `guesthouse network ls`; make one with `guesthouse network create NAME`.',
    });
  };
  if (network === 'host') {
    if (isolation !== 'container') {
      invalid('network', 'A machine cannot share the network of the host.', 'Choose `nat`, or a container.');
    }
  } else if (network !== 'none') mustBeThere('network', network);

  if (moreNetworks.length > 0) {
    const field = 'moreNetworks';
    if (network === 'host' || network === 'none') {
      invalid(field, `With the network ${network} there are no further ones.`, 'Leave them out, or name them alone.');
    } else if (moreNetworks.length > MOST_FURTHER) {
      invalid(field, 'A guest is on 8 networks at most.', 'Leave some out.');
    } else {
      moreNetworks.forEach((name, index) => {
        if (name === network || moreNetworks.indexOf(name) !== index) {
          invalid(`${field}.${index}`, `The network ${quote(name)} is named twice.`, 'Name it once.');
        } else mustBeThere(`${field}.${index}`, name);
      });
    }
  }
  spec.aliases.forEach((alias, index) => {
    if (!NAME.test(alias)) {
      invalid(
        `aliases.${index}`,
        `${quote(alias)} cannot be a name in a network.`,
        'Use 1 to 63 letters, digits, `.`, `_` or `-`, starting with a letter or digit.',
      );
    }
  });
  validateMac(spec, around, say);
  validatePorts(spec, around, networks, say);
}

function validateMac({ macAddress, network }: GuestSpec, { takenMacs }: NetworkSurroundings, say: Say): void {
  if (macAddress === null) return;
  const refuse = (code: 'invalid' | 'conflict', message: string, hint: string) =>
    say('macAddress', { code, message, hint });
  const mac = readMac(macAddress);
  const holder = mac === null ? undefined : takenMacs?.get(mac);
  if (network === 'none' || network === 'host') {
    refuse('invalid', `With the network ${network} it has no card of its own.`, 'Leave the hardware address out.');
  } else if (mac === null) {
    refuse('invalid', `${quote(macAddress)} is not a hardware address.`, 'Write it as 52:54:00:12:34:56.');
  } else if (!isOfOneCard(mac)) {
    const hint = 'Its first byte must be even, as in 52:54:00:12:34:56, and not all of it 0.';
    refuse('invalid', `${mac} cannot be the address of one card.`, hint);
  } else if (holder !== undefined) {
    const hint = 'Choose another, or leave it out for one of its own.';
    refuse('conflict', `${holder} has the hardware address ${mac}.`, hint);
  }
}

function validatePorts(
  spec: GuestSpec,
  around: NetworkSurroundings,
  networks: ReadonlyMap<string, NetworkMode>,
  say: Say,
): void {
  const own = new Map<string, string>();
  const isPort = (port: number) => Number.isInteger(port) && port >= 1 && port <= 65535;
  spec.ports.forEach((rule, index) => {
    const field = `ports.${index}.hostPort`;
    if (isIP(rule.hostIp) === 0) {
      say(`ports.${index}.hostIp`, {
        code: 'invalid',
        message: `${quote(rule.hostIp)} is not an IP address.`,
        hint: 'Use 127.0.0.1 for this host alone, or 0.0.0.0 (IPv6: ::) for every address of it.',
      });
      return;
    }
    if (!isPort(rule.guestPort)) {
      say(`ports.${index}.guestPort`, {
        code: 'invalid',
        message: `${rule.guestPort} is not a port.`,
        hint: 'Ports are 1 to 65535.',
      });
    }
    if (rule.hostPort === 0) return;
    if (!isPort(rule.hostPort)) {
      say(field, { code: 'invalid', message: `${rule.hostPort} is not a port.`, hint: 'Ports are 1 to 65535.' });
      return;
    }
    const key = keyOf(rule);
    const holder = clash(key, around.takenPorts);
    if (holder !== undefined || clash(key, own) !== undefined) {
      say(field, {
        code: 'conflict',
        message: `Port ${rule.hostPort} is in use by ${holder ?? 'this guest already'}.`,
        hint: 'Choose another host port, or 0 to have a free one chosen.',
      });
    }
    own.set(key, spec.name);
  });
  const reason = portlessReason(spec.network, networks);
  if (spec.ports.length > 0 && reason !== null) say('ports', { code: 'invalid', ...reason });
}

function portlessReason(
  network: string,
  networks: ReadonlyMap<string, NetworkMode>,
): { message: string; hint: string } | null {
  if (network === 'none') {
    return {
      message: 'A guest without a network has no ports.',
      hint: 'Choose the network `nat`, or leave the ports out.',
    };
  }
  if (network === 'host') {
    return {
      message: 'A guest on the network of the host has no ports of its own.',
      hint: 'Leave the ports out: what it serves is on the host already.',
    };
  }
  if (networks.get(network) === 'isolated') {
    return {
      message: `The network ${network} is isolated: no port leads into it.`,
      hint: 'Name a network that reaches out first, or leave the ports out.',
    };
  }
  return null;
}

/** A hostile string in a message stays one short line. */
function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);
}
