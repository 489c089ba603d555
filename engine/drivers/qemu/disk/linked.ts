/**
 * A machine's storage over another's: the files of the original's disks are frozen as a layer, as for a snapshot, and both go
 * on in files of their own over it. Layers are never written to, so neither needs the other to stay (decision 42).
 */
import { randomBytes } from 'node:crypto';
import { GuesthouseError } from '../../../contract/errors.ts';
import type { DriverContext, GuestRecord, OperationContext } from '../../driver.ts';
import { copyHardware } from '../hardware/stored.ts';
import { isStillEmpty } from '../layers/empty-overlay.ts';
import { beginLayers } from '../layers/freeze.ts';
import {
  type ImageDisk,
  layerPath,
  linkLayers,
  readLayers,
  removeLayers,
  topPath,
  writeLayers,
} from '../layers/record.ts';
import type { LiveMachine } from '../live.ts';
import { machinePaths } from '../run-record.ts';
import { settleMachine } from '../snapshot/index.ts';
import { switchOver } from '../snapshot/switch.ts';
import { heldDisks } from '../snapshot/take.ts';
import { copyDisks, removeDisks } from './storage.ts';

/** `machine`: the original, if it runs; it stands still. All or nothing of the new one through `undo`. */
export async function linkMachine(
  context: DriverContext,
  from: GuestRecord,
  to: GuestRecord,
  machine: LiveMachine | null,
  operation: OperationContext,
): Promise<void> {
  const [source, target] = [machinePaths(context.paths, from.id), machinePaths(context.paths, to.id)];
  await settleMachine(source.home, machine);
  const disks = await heldDisks(context, from, operation);
  if (disks.size === 0) throw nothingShared(from.spec.name);
  operation.progress({ step: 'Freezing the disks', fraction: null });
  const starts = await frozen(from, source.home, disks, machine, operation);
  operation.undo.defer('the layers', async () => {
    await removeLayers(target.home);
    await removeDisks(context.paths, to.id);
  });
  const layers = await linkLayers(source.home, target.home, Object.fromEntries(starts));
  await writeLayers(target.home, { tops: {}, layers, pending: null });
  for (const layer of new Set(starts.values())) {
    const own = new Map([...disks].filter(([disk]) => starts.get(disk) === layer));
    await (await beginLayers('restore', target.home, layer, own, operation.signal)).commit();
  }
  await copyHardware(source, target, operation);
  await copyDisks(context.paths, from, to, operation, ['raw']);
}

/** The layer of each disk that holds all that is on it: one that is there already, where nothing was written since. */
async function frozen(
  from: GuestRecord,
  home: string,
  disks: ReadonlyMap<string, ImageDisk | null>,
  machine: LiveMachine | null,
  { signal }: OperationContext,
): Promise<ReadonlyMap<string, string>> {
  const { tops } = await readLayers(home);
  const starts = new Map<string, string>();
  for (const disk of disks.keys()) {
    const layer = tops[disk];
    if (layer !== undefined && (await isStillEmpty(topPath(home, disk), layerPath(home, disk, layer))))
      starts.set(disk, layer);
  }
  const changed = new Map([...disks].filter(([disk]) => !starts.has(disk)));
  if (changed.size === 0) return starts;
  const layer = randomBytes(6).toString('hex');
  const freezing = await beginLayers('take', home, layer, changed, signal);
  const qmp = machine && (await machine.qmp());
  await freezing.commit(qmp ? (next) => switchOver(qmp, from, layer, next) : undefined);
  for (const disk of changed.keys()) starts.set(disk, layer);
  return starts;
}

function nothingShared(guestName: string): GuesthouseError {
  return new GuesthouseError({
    code: 'unsupported',
    message: `${guestName} has no disk that a linked clone could share.`,
    subject: guestName,
    cause: 'Only qcow2 disks of its own can be shared.',
    hint: 'Make a full clone.',
  });
}
