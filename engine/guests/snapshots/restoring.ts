/** A guest that does not run becomes what it was in a snapshot. What is to be is on disk first; a crash carries it on. */
import { rm } from 'node:fs/promises';
import type { GuestSpec } from '../../contract/guest.ts';
import type { GuestSnapshots } from '../../drivers/driver.ts';
import type { GuestsContext } from '../context.ts';
import type { Entry } from '../entry.ts';
import type { Ledger } from '../ledger.ts';
import { suspendedFolder } from './kept-memory.ts';
import { findSnapshot, type SnapshotRecord, snapshotFolder } from './record.ts';

/** What a system that was installed on one machine should find again: the rest is of the guest as it is now. */
export function specAt(now: GuestSpec, then: GuestSpec): GuestSpec {
  if (now.isolation === 'container') return now;
  const { cpus, memoryMib, diskGib, disks, diskOptions, iso, machine } = then;
  return { ...now, cpus, memoryMib, diskGib, disks, diskOptions, iso, machine };
}

/** Nothing happens when nothing was begun. Throws whatever restoring throws; the mark stays then. */
export async function finishRestore({ paths }: GuestsContext, ledger: Ledger, entry: Entry): Promise<void> {
  const { restoring, id, spec } = entry.manifest;
  const snapshots = entry.driver.snapshots;
  if (!restoring || !snapshots) return;
  const record = await findSnapshot(paths, { id, name: spec.name }, restoring);
  await carryOut(paths, ledger, entry, snapshots, record);
}

async function carryOut(
  paths: GuestsContext['paths'],
  ledger: Ledger,
  entry: Entry,
  snapshots: GuestSnapshots,
  record: SnapshotRecord,
): Promise<void> {
  const { manifest } = entry;
  const next = { spec: specAt(manifest.spec, record.spec), isoPath: record.isoPath };
  const folder = snapshotFolder(paths, manifest.id, record.id);
  await snapshots.restore({ ...manifest, ...next }, { id: record.id, folder });
  await ledger.write(entry, {
    ...next,
    snapshot: record.id,
    restoring: null,
    suspended: null,
    exit: null,
    failure: null,
  });
  await rm(suspendedFolder(paths, manifest.id), { recursive: true, force: true });
  await entry.driver.sweep?.(entry.manifest);
}

/** After a crash: what was begun is carried on, unless the guest runs, so that nothing had happened yet. */
export async function resolveSnapshots(context: GuestsContext, ledger: Ledger, entry: Entry): Promise<void> {
  const { restoring, suspended, id } = entry.manifest;
  if (entry.running) {
    if (restoring || suspended) await ledger.write(entry, { restoring: null, suspended: null });
    if (suspended) await rm(suspendedFolder(context.paths, id), { recursive: true, force: true });
    return;
  }
  if (!restoring) return;
  await finishRestore(context, ledger, entry).catch((error) =>
    // It is tried again when it starts.
    context.log.error('a snapshot could not be restored', { guest: id, error }),
  );
  entry.state = entry.manifest.failure ? 'failed' : 'stopped';
}
