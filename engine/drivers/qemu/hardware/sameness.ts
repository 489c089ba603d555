/**
 * `identity.json` in a machine's folder: what tells its system whether it is still the machine it was. The generation is the
 * GUID of its `vmgenid` device (Microsoft's "Virtual Machine Generation ID"): another one means that its time went another
 * way than it remembers. A copy is to give itself another machine id and other SSH host keys.
 */
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readJson, writeAtomic } from '../../../host/files.ts';

export interface Sameness {
  readonly generation: string;
  /** It is a copy of another machine and, as far as is known, has not become one of its own yet. */
  readonly isCopy: boolean;
}

const fileIn = (home: string) => join(home, 'identity.json');

/** Made at the first asking, or when nobody can read it any more. */
export async function samenessOf(home: string): Promise<Sameness> {
  return (await read(home)) ?? write(home, { generation: randomUUID(), isCopy: false });
}

/** Makes nothing: most machines are no copies, and many have nobody to tell of a generation. */
export async function isUnlikeItsDisk(home: string): Promise<boolean> {
  return (await read(home))?.isCopy ?? false;
}

/** Its disks are what they were once. Asked for twice, it comes to the same. */
export async function renewGeneration(home: string): Promise<void> {
  await write(home, { ...(await samenessOf(home)), generation: randomUUID() });
}

/** Its disks are another machine's. */
export async function becomeCopy(home: string): Promise<void> {
  await write(home, { generation: randomUUID(), isCopy: true });
}

/** It has given itself what is its own. */
export async function forgetCopy(home: string): Promise<void> {
  const kept = await read(home);
  if (kept?.isCopy) await write(home, { ...kept, isCopy: false });
}

export async function removeSameness(home: string): Promise<void> {
  await rm(fileIn(home), { force: true });
}

async function read(home: string): Promise<Sameness | null> {
  const kept = await readJson<Sameness>(fileIn(home)).catch(() => null);
  return kept && typeof kept.generation === 'string' ? kept : null;
}

async function write(home: string, next: Sameness): Promise<Sameness> {
  await writeAtomic(fileIn(home), `${JSON.stringify(next)}\n`);
  return next;
}
