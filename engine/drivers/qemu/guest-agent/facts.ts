/** What a guest's agent says of its system, checked and shortened: every word of it is the guest's. Pure but for asking. */
import { isIP } from 'node:net';
import type { AgentInterface, AgentSystem } from '../../../contract/inside.ts';
import { plain } from './answer.ts';
import type { GuestAgent } from './client.ts';

const MAX_INTERFACES = 64;
const MAX_ADDRESSES = 32;
const MAX_NAME = 64;
const MAX_ENTRIES = 64;

export async function interfacesOf(agent: GuestAgent): Promise<AgentInterface[]> {
  return readInterfaces(await agent.execute('guest-network-get-interfaces'));
}

export function readInterfaces(value: unknown): AgentInterface[] {
  return list(value, MAX_INTERFACES).map((one) => ({
    name: text(one.name, MAX_NAME),
    mac: /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(String(one['hardware-address']))
      ? String(one['hardware-address'])
      : null,
    addresses: list(one['ip-addresses'], MAX_ADDRESSES).flatMap(({ 'ip-address': address, prefix }) =>
      typeof address === 'string' && isIP(address) !== 0 && typeof prefix === 'number' && prefix >= 0 && prefix <= 128
        ? [`${address}/${Math.floor(prefix)}`]
        : [],
    ),
  }));
}

/** What it does not know is null or empty; throws as `execute` does when it answers nothing at all. */
export async function systemOf(agent: GuestAgent): Promise<AgentSystem> {
  const info = object(await agent.execute('guest-info'));
  const commands = new Set(
    list(info.supported_commands, 500).flatMap((one) => (one.enabled === true ? [text(one.name, MAX_NAME)] : [])),
  );
  const ask = async (name: Parameters<GuestAgent['execute']>[0]) =>
    commands.has(name) ? agent.execute(name).catch(() => null) : null;
  const host = object(await ask('guest-get-host-name'));
  const system = object(await ask('guest-get-osinfo'));
  return {
    version: text(info.version, MAX_NAME),
    hostName: optional(host['host-name']),
    system: optional(system['pretty-name']),
    kernel: optional(system['kernel-release']),
    users: list(await ask('guest-get-users'), MAX_ENTRIES).map((one) => text(one.user, MAX_NAME)),
    fileSystems: list(await ask('guest-get-fsinfo'), MAX_ENTRIES).map((one) => ({
      mountPoint: text(one.mountpoint, 200),
      type: text(one.type, MAX_NAME),
      usedBytes: size(one['used-bytes']),
      totalBytes: size(one['total-bytes']),
    })),
    interfaces: readInterfaces(await ask('guest-network-get-interfaces')),
    canFreeze: commands.has('guest-fsfreeze-freeze'),
    canExec: commands.has('guest-exec'),
  };
}

export function object(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

export function list(value: unknown, most: number): Record<string, unknown>[] {
  return Array.isArray(value) ? value.slice(0, most).map(object) : [];
}

function text(value: unknown, maxLength: number): string {
  return typeof value === 'string' ? plain(value, maxLength) : '';
}

function optional(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? plain(value, 200) : null;
}

function size(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}
