/** `networks/<12 hex>.json`: the truth about one network. Names are data and never become part of a path. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { NetworkMode, NetworkOutside } from '../contract/network.ts';
import { privateFolder, readJson, removeTemporaries, syncFolder, writeAtomic } from '../host/files.ts';
import { isDeviceName } from './host-bridge.ts';
import { numberOf, parseRange, parseSubnet } from './subnet.ts';

const RECORD_VERSION = 1;

export interface NetworkRecord {
  readonly version: typeof RECORD_VERSION;
  readonly id: string;
  readonly name: string;
  readonly mode: NetworkMode;
  /** Its number in this home, 0 to 65535: part of its bridge's name and of its IPv6 prefix. */
  readonly index: number;
  readonly subnet4: string;
  /** Of a bridged one. */
  readonly outside?: NetworkOutside;
  /** The home's IPv6 prefix (a /48); only the built-in network's counts. */
  readonly prefix48: string | null;
  readonly createdAt: number;
  readonly labels: Readonly<Record<string, string>>;
}

export interface FoundNetworks {
  readonly records: readonly NetworkRecord[];
  /** Records that are there and say nothing we understand; nothing of them is touched. */
  readonly unreadable: readonly { readonly id: string; readonly reason: string }[];
}

export async function readNetworks(root: string): Promise<FoundNetworks> {
  await privateFolder(root);
  await removeTemporaries(root);
  const records: NetworkRecord[] = [];
  const unreadable: { id: string; reason: string }[] = [];
  for (const file of await readdir(root)) {
    const id = /^([0-9a-f]{12})\.json$/.exec(file)?.[1];
    if (id === undefined) continue;
    try {
      const record = await readJson<NetworkRecord>(fileOf(root, id));
      if (record === null) continue;
      if (record.version > RECORD_VERSION) unreadable.push({ id, reason: 'it was written by a newer Guesthouse' });
      else if (isRecord(record, id)) records.push(record);
      else unreadable.push({ id, reason: 'the file is not about it' });
    } catch (error) {
      unreadable.push({ id, reason: `the file is damaged (${(error as Error).message})` });
    }
  }
  return { records, unreadable };
}

export async function writeNetwork(root: string, record: Omit<NetworkRecord, 'version'>): Promise<NetworkRecord> {
  const whole = { version: RECORD_VERSION, ...record } as const;
  await writeAtomic(fileOf(root, record.id), `${JSON.stringify(whole, null, 2)}\n`);
  return whole;
}

export async function eraseNetwork(root: string, id: string): Promise<void> {
  await rm(fileOf(root, id), { force: true });
  await syncFolder(root);
}

function fileOf(root: string, id: string): string {
  return join(root, `${id}.json`);
}

function isRecord(record: NetworkRecord, id: string): boolean {
  const { name, mode, index, subnet4, outside, labels, prefix48 } = record;
  return (
    record.id === id &&
    typeof name === 'string' &&
    (mode === 'bridged' ? isOutside(outside) : mode === 'nat' || mode === 'isolated') &&
    Number.isInteger(index) &&
    index >= 0 &&
    index <= 0xffff &&
    typeof subnet4 === 'string' &&
    parseSubnet(subnet4) !== null &&
    (prefix48 === null || /^fd[0-9a-f]{2}(:[0-9a-f]{4}){2}$/.test(prefix48)) &&
    typeof record.createdAt === 'number' &&
    typeof labels === 'object' &&
    labels !== null
  );
}

function isOutside(outside: NetworkOutside | undefined): boolean {
  if (typeof outside !== 'object' || outside === null) return false;
  const { bridge, range4, router4 } = outside;
  return (
    isDeviceName(bridge) &&
    typeof range4 === 'string' &&
    parseRange(range4) !== null &&
    (router4 === null || (typeof router4 === 'string' && numberOf(router4) !== null))
  );
}
