/** A machine that does not run becomes what it was in a snapshot, but for its memory (see start.ts). */

import { Undo } from '../../../host/undo.ts';
import type { DriverContext, GuestRecord, OperationContext } from '../../driver.ts';
import { renewGeneration } from '../hardware/sameness.ts';
import { beginLayers } from '../layers/freeze.ts';
import { readLayers } from '../layers/record.ts';
import { settleLayers } from '../layers/settle.ts';
import { machinePaths } from '../run-record.ts';
import { putBackHardware } from './hardware.ts';
import { heldDisks } from './take.ts';

const TIMEOUT_MS = 120_000;

/** What was written since is given up. Asked for again, it begins anew and comes to the same. */
export async function restoreSnapshot(
  context: DriverContext,
  guest: GuestRecord,
  snapshot: { readonly id: string; readonly folder: string },
): Promise<void> {
  const { home, ...files } = machinePaths(context.paths, guest.id);
  await settleLayers(home, null);
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const operation: OperationContext = { signal, undo: new Undo(), progress() {} };
  const { layers } = await readLayers(home);
  const frozen = layers[snapshot.id] ?? {};
  const held = await heldDisks(context, guest, operation);
  const disks = new Map([...held].filter(([disk]) => Object.hasOwn(frozen, disk)));
  const freezing = await beginLayers('restore', home, snapshot.id, disks, signal);
  await freezing.commit();
  await putBackHardware({ home, ...files }, snapshot.folder);
  await renewGeneration(home);
}
