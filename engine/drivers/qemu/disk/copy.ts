/** A machine's storage as a copy of another's: its disks, what they stand on, and what its hardware keeps. */
import { dirname } from 'node:path';
import { hasOwnDisk } from '../../../contract/disk.ts';
import { privateFolder, syncFolder } from '../../../host/files.ts';
import type { Paths } from '../../../host/paths.ts';
import { copyInto } from '../../../images/import/copy.ts';
import type { GuestRecord, OperationContext } from '../../driver.ts';
import { removeDisk, requireDisk } from '../disks.ts';
import { copyHardware } from '../hardware/stored.ts';
import { copyLayers } from '../layers/record.ts';
import { machinePaths } from '../run-record.ts';
import { copyDisks } from './storage.ts';

/** All or nothing through `undo`. */
export async function copyMachine(
  paths: Paths,
  from: GuestRecord,
  to: GuestRecord,
  operation: OperationContext,
): Promise<void> {
  const [source, target] = [machinePaths(paths, from.id), machinePaths(paths, to.id)];
  await privateFolder(dirname(target.disk));
  if (hasOwnDisk(from.spec)) {
    await requireDisk(source.disk, from.spec.name);
    operation.undo.defer('the disk', () => removeDisk(target.disk));
    await copyInto(source.disk, target.disk, 'Copying the disk', operation);
  }
  await copyHardware(source, target, operation);
  await copyLayers(source.home, target.home, operation);
  await syncFolder(target.home);
  await copyDisks(paths, from, to, operation);
}
