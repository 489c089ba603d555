/** `guests/<id>/snapshots/<id>/snapshot.json`: one for each; written last, so what has none is not a snapshot. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GuesthouseError } from '../../contract/errors.ts';
import type { GuestSpec } from '../../contract/guest.ts';
import type { Snapshot } from '../../contract/snapshot.ts';
import { readJson, syncFolder, writeAtomic } from '../../host/files.ts';
import { guestFolder, type Paths } from '../../host/paths.ts';

/** What is written down; what it takes is looked at when it is asked for. */
export interface SnapshotRecord extends Omit<Snapshot, 'bytes'> {
  readonly version: 1;
  /** What the guest was asked to be at that time. */
  readonly spec: GuestSpec;
  readonly isoPath: string | null;
}

const ID = /^[0-9a-f]{12}$/;
const RECORD = 'snapshot.json';

const folderOfAll = (paths: Paths, guestId: string) => join(guestFolder(paths, guestId), 'snapshots');

export function snapshotFolder(paths: Paths, guestId: string, id: string): string {
  if (!ID.test(id))
    throw new GuesthouseError({ code: 'internal', message: `Not a snapshot's id: ${JSON.stringify(id)}` });
  return join(folderOfAll(paths, guestId), id);
}

/** Of a guest, the oldest first. */
export async function readSnapshots(paths: Paths, guestId: string): Promise<SnapshotRecord[]> {
  const names = (await readdir(folderOfAll(paths, guestId)).catch(() => [])).filter((name) => ID.test(name));
  const found = await Promise.all(
    names.map((id) => readJson<SnapshotRecord>(join(snapshotFolder(paths, guestId, id), RECORD)).catch(() => null)),
  );
  return found
    .filter((record) => record !== null && record.version === 1 && names.includes(record.id))
    .sort((a, b) => (a as SnapshotRecord).at - (b as SnapshotRecord).at) as SnapshotRecord[];
}

/** By id or name. Throws `not-found`. */
export async function findSnapshot(paths: Paths, guest: { id: string; name: string }, ref: string) {
  const all = await readSnapshots(paths, guest.id);
  const found = all.find(({ id }) => id === ref) ?? all.find(({ name }) => name === ref);
  if (found) return found;
  throw new GuesthouseError({
    code: 'not-found',
    message: `${guest.name} has no snapshot ${JSON.stringify(ref.slice(0, 80))}.`,
    subject: ref.slice(0, 80),
    hint: `See \`guesthouse snapshot ls ${guest.name}\`.`,
  });
}

/** An empty folder for a new one. */
export async function newSnapshot(paths: Paths, guestId: string): Promise<{ id: string; folder: string }> {
  const id = randomBytes(6).toString('hex');
  const folder = snapshotFolder(paths, guestId, id);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return { id, folder };
}

export async function writeSnapshot(paths: Paths, guestId: string, record: SnapshotRecord): Promise<void> {
  const folder = snapshotFolder(paths, guestId, record.id);
  await writeAtomic(join(folder, RECORD), `${JSON.stringify(record, null, 2)}\n`);
  await syncFolder(folderOfAll(paths, guestId));
}

/** From then on it is none; the rest goes after it. */
export async function removeSnapshotFolder(paths: Paths, guestId: string, id: string): Promise<void> {
  const folder = snapshotFolder(paths, guestId, id);
  await rm(join(folder, RECORD), { force: true });
  await rm(folder, { recursive: true, force: true });
}

/** What acts that were killed left: folders of no snapshot. Only when nothing is being made there. */
export async function sweepFolders(paths: Paths, guestId: string, kept: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(folderOfAll(paths, guestId)).catch(() => []))
    if (ID.test(name) && !kept.has(name)) await removeSnapshotFolder(paths, guestId, name);
}
