/** The snapshots of a guest: taken, looked at, gone back to, branched from and removed. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GuesthouseError } from '../../contract/errors.ts';
import type { Guest, GuestSpec } from '../../contract/guest.ts';
import type { Snapshot, SnapshotRemoved, SnapshotTree } from '../../contract/snapshot.ts';
import type { GuestSnapshots } from '../../drivers/driver.ts';
import type { Entry } from '../entry.ts';
import type { GuestRooms } from '../rooms.ts';
import { BY_PERSON } from '../runs.ts';
import { requireAwake } from './kept-memory.ts';
import { freeName, problemOfName } from './names.ts';
import {
  findSnapshot,
  newSnapshot,
  readSnapshots,
  removeSnapshotFolder,
  type SnapshotRecord,
  snapshotFolder,
  sweepFolders,
  writeSnapshot,
} from './record.ts';
import { finishRestore } from './restoring.ts';
import { scheduleOf } from './schedule.ts';

export interface SnapshotWish {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly memory?: boolean | undefined;
  readonly scheduled?: boolean;
}

const MIB = 1024 * 1024;
const BLOCK_BYTES = 512;

export async function snapshotTree({ context }: GuestRooms, entry: Entry): Promise<SnapshotTree> {
  const { manifest } = entry;
  const driver = snapshotsOf(entry);
  const records = await readSnapshots(context.paths, manifest.id);
  const sizes = await driver.sizes(manifest);
  const snapshots = await Promise.all(records.map((record) => shown(context.paths, manifest.id, record, sizes)));
  const known = new Set(records.map(({ id }) => id));
  const current = manifest.snapshot ?? null;
  const others = [...sizes].filter(([id]) => id !== null && !known.has(id)).map(([, bytes]) => bytes);
  const problem = entry.running ? driver.memoryProblem(manifest) : null;
  return {
    snapshots,
    current: current !== null && known.has(current) ? current : null,
    sinceBytes: sizes.get(null) ?? 0,
    keptBytes: others.reduce((sum, bytes) => sum + bytes, 0),
    memoryBytes: entry.running && problem === null ? manifest.spec.memoryMib * MIB : null,
    memoryProblem: problem,
    leftOut: driver.leftOut(manifest),
    schedule: scheduleOf(entry),
  };
}

/** Throws `conflict` or `invalid` by its name, `wrong-state`, `unsupported`, and whatever keeping it throws. */
export async function takeSnapshot(rooms: GuestRooms, entry: Entry, wish: SnapshotWish): Promise<Snapshot> {
  const { context, ledger, turns, runs } = rooms;
  const { paths } = context;
  const driver = snapshotsOf(entry);
  requireAwake(entry, 'a snapshot now');
  if (wish.memory) requireMemory(entry, driver);
  let record: SnapshotRecord | undefined;
  await turns.verb('snapshot', entry, { cancellable: true }, async (held, operation) => {
    const { manifest, running } = held;
    const all = await readSnapshots(paths, manifest.id);
    const problem = wish.name === undefined ? null : problemOfName(wish.name, all);
    if (problem) throw problem;
    const ids = new Set(all.map(({ id }) => id));
    await sweepFolders(paths, manifest.id, ids);
    const { id, folder } = await newSnapshot(paths, manifest.id);
    operation.undo.defer('the snapshot', () => removeSnapshotFolder(paths, manifest.id, id));
    const at = Date.now();
    const request = { id, folder, memory: wish.memory ?? false };
    if (running && !running.paused) await ledger.write(held, { heldStill: true });
    let made: Awaited<ReturnType<GuestSnapshots['take']>>;
    try {
      made = await driver.take(manifest, request, operation);
    } finally {
      if (held.manifest.heldStill) await ledger.record(held, { heldStill: false });
    }
    record = {
      version: 1,
      id,
      name: wish.name ?? freeName(all, at),
      description: wish.description ?? '',
      parent: ids.has(manifest.snapshot ?? '') ? (manifest.snapshot ?? null) : null,
      at,
      state: running ? (running.paused ? 'paused' : 'running') : 'stopped',
      ...made,
      leftOut: driver.leftOut(manifest),
      scheduled: wish.scheduled ?? false,
      spec: manifest.spec,
      isoPath: manifest.isoPath,
    };
    await writeSnapshot(paths, manifest.id, record);
    await ledger.write(held, { snapshot: id });
  });
  runs.tell(entry, 'snapshot', { snapshot: (record as SnapshotRecord).name });
  return shown(paths, entry.manifest.id, record as SnapshotRecord, await driver.sizes(entry.manifest));
}

export async function changeSnapshot(
  { context: { paths }, turns }: GuestRooms,
  entry: Entry,
  ref: string,
  change: { readonly name?: string | undefined; readonly description?: string | undefined },
): Promise<Snapshot> {
  const { id, spec } = entry.manifest;
  const record = await findSnapshot(paths, { id, name: spec.name }, ref);
  const others = (await readSnapshots(paths, id)).filter((one) => one.id !== record.id);
  const problem = change.name === undefined ? null : problemOfName(change.name, others);
  if (problem) throw problem;
  const { name = record.name, description = record.description } = change;
  const next = { ...record, name, description, scheduled: record.scheduled && name === record.name };
  await turns.hold(entry, 'snapshot', () => writeSnapshot(paths, id, next));
  return shown(paths, id, next, await snapshotsOf(entry).sizes(entry.manifest));
}

/** What was written since is given up. With its memory the guest goes on where it was; else it runs when `start` is said. */
export async function restoreSnapshot(
  rooms: GuestRooms,
  entry: Entry,
  ref: string,
  options: { readonly memory?: boolean | undefined; readonly start?: boolean | undefined },
): Promise<Guest> {
  const { context, ledger, turns, runs } = rooms;
  const { paths } = context;
  snapshotsOf(entry);
  const { id, spec } = entry.manifest;
  const record = await findSnapshot(paths, { id, name: spec.name }, ref);
  const memory = record.memory && options.memory !== false;
  if (memory) requireSamePlace(entry, record);
  const guest = await turns.verb('restore', entry, { cancellable: false }, async (held, operation) => {
    await ledger.write(held, { restoring: record.id });
    if (held.running) {
      await held.driver.kill(held.manifest);
      await runs.settle(held, null, true);
      await held.cleanup;
    }
    await finishRestore(context, ledger, held);
    held.state = 'stopped';
    if (!memory && !options.start) return;
    ledger.show(held, 'starting');
    await runs.begin(held, operation, BY_PERSON, memory ? snapshotFolder(paths, id, record.id) : undefined);
  });
  runs.tell(entry, 'restore', { snapshot: record.name });
  return guest;
}

/** What it held becomes part of what stands on it. */
export async function removeSnapshot(rooms: GuestRooms, entry: Entry, ref: string): Promise<SnapshotRemoved> {
  const { context, ledger, turns, runs } = rooms;
  const { paths } = context;
  const driver = snapshotsOf(entry);
  const { id, spec } = entry.manifest;
  const record = await findSnapshot(paths, { id, name: spec.name }, ref);
  requireAwake(entry, 'merging now');
  let removed: SnapshotRemoved | undefined;
  await turns.verb('remove-snapshot', entry, { cancellable: true }, async (held, operation) => {
    const all = await readSnapshots(paths, id);
    const before = await total(rooms, held, all);
    for (const child of all.filter(({ parent }) => parent === record.id))
      await writeSnapshot(paths, id, { ...child, parent: record.parent });
    if (held.manifest.snapshot === record.id) await ledger.write(held, { snapshot: record.parent });
    await removeSnapshotFolder(paths, id, record.id);
    const kept = all.filter((one) => one.id !== record.id);
    // What cannot be merged any more now is merged with the next that is removed.
    await driver.sweep(held.manifest, new Set(kept.map((one) => one.id)), operation);
    removed = { beforeBytes: before, afterBytes: await total(rooms, held, kept) };
  });
  runs.tell(entry, 'remove-snapshot', { snapshot: record.name });
  return removed as SnapshotRemoved;
}

export function snapshotsOf({ driver, manifest: { spec } }: Entry): GuestSnapshots {
  if (driver.snapshots) return driver.snapshots;
  throw new GuesthouseError({
    code: 'unsupported',
    message: `${spec.name} cannot have snapshots: nothing here can keep those of a ${spec.isolation}.`,
    subject: spec.name,
    hint: 'Make a clone of it instead.',
  });
}

async function total({ context: { paths } }: GuestRooms, { manifest, driver }: Entry, all: readonly SnapshotRecord[]) {
  const sizes = (await driver.snapshots?.sizes(manifest)) ?? new Map<string | null, number>();
  const folders = await Promise.all(all.map(({ id }) => folderBytes(snapshotFolder(paths, manifest.id, id))));
  return [...sizes.values(), ...folders].reduce((sum, bytes) => sum + bytes, 0);
}

async function shown(
  paths: GuestRooms['context']['paths'],
  guestId: string,
  { version: _, spec: __, isoPath: ___, ...record }: SnapshotRecord,
  sizes: ReadonlyMap<string | null, number>,
): Promise<Snapshot> {
  const own = await folderBytes(snapshotFolder(paths, guestId, record.id));
  return { ...record, bytes: own + (sizes.get(record.id) ?? 0) };
}

async function folderBytes(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    names.map(async (name) => ((await stat(join(folder, name)).catch(() => null))?.blocks ?? 0) * BLOCK_BYTES),
  );
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}

/** Its memory believes in so many network cards. */
function requireSamePlace({ manifest: { spec } }: Entry, record: SnapshotRecord): void {
  const cards = ({ network, moreNetworks = [] }: GuestSpec) => (network === 'none' ? 0 : 1 + moreNetworks.length);
  if (cards(spec) === cards(record.spec) && spec.mounts.length === 0) return;
  throw new GuesthouseError({
    code: 'conflict',
    message: `${spec.name} cannot go on with the memory of ${record.name}.`,
    subject: spec.name,
    cause: 'Since then it was given a network or folders, or they were taken away.',
    hint: 'Restore it without memory, or put its network and folders back first.',
  });
}

function requireMemory({ manifest, running }: Entry, driver: GuestSnapshots): void {
  const { name } = manifest.spec;
  const hint = 'Take the snapshot without memory.';
  if (!running)
    throw new GuesthouseError({
      code: 'wrong-state',
      message: `${name} does not run, so it has no memory to be kept.`,
      subject: name,
      hint,
    });
  const cause = driver.memoryProblem(manifest);
  if (cause === null) return;
  throw new GuesthouseError({
    code: 'unsupported',
    message: `The memory of ${name} cannot be part of a snapshot.`,
    subject: name,
    cause,
    hint,
  });
}
