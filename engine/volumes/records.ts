/**
 * `volumes/<12 hex>/volume.json`: the truth about one volume, beside the folder `data` with its files. The record is
 * written last and removed first, so a folder without one is what a crash left and goes.
 */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readJson, removeTemporaries, syncFolder, writeAtomic } from '../host/files.ts';

const RECORD_VERSION = 1;

export interface VolumeRecord {
  readonly version: typeof RECORD_VERSION;
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  /** Id of the guest it was made for and goes with; null for a volume of its own. */
  readonly guestId: string | null;
  readonly labels: Readonly<Record<string, string>>;
}

/** A record that is there and says nothing we understand; nothing of its volume is touched. */
export interface UnreadableVolume {
  readonly id: string;
  /** Half a sentence: `it is damaged (…)`. */
  readonly reason: string;
}

export interface FoundVolumes {
  readonly records: readonly VolumeRecord[];
  readonly unreadable: readonly UnreadableVolume[];
  /** Ids of folders without a record. */
  readonly rubbish: readonly string[];
}

export async function readVolumes(root: string): Promise<FoundVolumes> {
  const records: VolumeRecord[] = [];
  const unreadable: UnreadableVolume[] = [];
  const rubbish: string[] = [];
  for (const id of await readdir(root)) {
    if (!/^[0-9a-f]{12}$/.test(id)) continue;
    try {
      const record = await readJson<VolumeRecord>(recordFile(root, id));
      if (record === null) rubbish.push(id);
      else if (record.version > RECORD_VERSION) unreadable.push({ id, reason: 'it was written by a newer Guesthouse' });
      else if (!isRecord(record, id)) unreadable.push({ id, reason: 'its volume.json is not about it' });
      else {
        await removeTemporaries(join(root, id));
        records.push(record);
      }
    } catch (error) {
      unreadable.push({ id, reason: `its volume.json is damaged (${(error as Error).message})` });
    }
  }
  return { records, unreadable, rubbish };
}

export async function writeVolume(root: string, record: Omit<VolumeRecord, 'version'>): Promise<VolumeRecord> {
  const whole = { version: RECORD_VERSION, ...record } as const;
  await writeAtomic(recordFile(root, record.id), `${JSON.stringify(whole, null, 2)}\n`);
  await syncFolder(root);
  return whole;
}

export async function eraseVolume(root: string, id: string): Promise<void> {
  await rm(recordFile(root, id), { force: true });
  await syncFolder(join(root, id));
}

function recordFile(root: string, id: string): string {
  return join(root, id, 'volume.json');
}

function isRecord(record: VolumeRecord, id: string): boolean {
  const { guestId, labels } = record;
  return (
    record.id === id &&
    typeof record.name === 'string' &&
    typeof record.createdAt === 'number' &&
    (guestId === null || /^[0-9a-f]{12}$/.test(guestId)) &&
    typeof labels === 'object' &&
    labels !== null
  );
}
