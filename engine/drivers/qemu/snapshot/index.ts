/** A machine's snapshots, as the life of guests asks for them. */
import { stat } from 'node:fs/promises';
import type { DriverContext, GuestRecord, GuestSnapshots } from '../../driver.ts';
import { becomeCopy, removeSameness } from '../hardware/sameness.ts';
import { beginLayers } from '../layers/freeze.ts';
import { layerPath, linkLayers, readLayers, removeLayers, topPath, writeLayers } from '../layers/record.ts';
import { settleLayers } from '../layers/settle.ts';
import type { LiveMachine } from '../live.ts';
import { endSaving } from '../memory/save.ts';
import { machinePaths } from '../run-record.ts';
import { putBackHardware } from './hardware.ts';
import { restoreSnapshot } from './restore.ts';
import { sweepLayers } from './sweep.ts';
import { isSwitched } from './switch.ts';
import { heldDisks, leftOut, memoryProblem, takeSnapshot } from './take.ts';

const BLOCK_BYTES = 512;

/** `running`: the machine, if it runs. */
export function machineSnapshots(
  context: DriverContext,
  running: (guest: GuestRecord) => LiveMachine | null,
): GuestSnapshots {
  const homeOf = (guest: GuestRecord) => machinePaths(context.paths, guest.id).home;
  const settle = (guest: GuestRecord) => settleMachine(homeOf(guest), running(guest));

  return {
    memoryProblem,
    leftOut,
    async take(guest, snapshot, operation) {
      await settle(guest);
      return takeSnapshot(context, guest, running(guest), snapshot, operation);
    },
    restore: (guest, snapshot) => restoreSnapshot(context, guest, snapshot),
    async sweep(guest, kept, operation) {
      await settle(guest);
      await sweepLayers(context, guest, running(guest), kept, operation);
    },
    branch: (from, snapshot, to, operation) => branch(from, snapshot, to, operation),
    async sizes(guest) {
      const home = homeOf(guest);
      const { layers, tops } = await readLayers(home);
      const sizes = new Map<string | null, number>();
      const add = async (id: string | null, path: string) => {
        const found = await stat(path).catch(() => null);
        sizes.set(id, (sizes.get(id) ?? 0) + (found ? found.blocks * BLOCK_BYTES : 0));
      };
      for (const [id, disks] of Object.entries(layers))
        for (const disk of Object.keys(disks)) await add(id, layerPath(home, disk, id));
      for (const disk of Object.keys(tops)) await add(null, topPath(home, disk));
      return sizes;
    },
  };

  /** The layers are linked, not copied: they are never written to again. What is over them is the new guest's own. */
  async function branch(
    from: GuestRecord,
    { id, folder }: { readonly id: string; readonly folder: string },
    to: GuestRecord,
    operation: Parameters<GuestSnapshots['branch']>[3],
  ): Promise<void> {
    const [source, target] = [machinePaths(context.paths, from.id), machinePaths(context.paths, to.id)];
    await settle(from);
    const { layers } = await readLayers(source.home);
    const held = await heldDisks(context, to, operation);
    const disks = new Map([...held].filter(([disk]) => Object.hasOwn(layers[id] ?? {}, disk)));
    operation.undo.defer('the layers', () => removeLayers(target.home));
    const starts = Object.fromEntries([...disks.keys()].map((disk) => [disk, id]));
    await writeLayers(target.home, {
      tops: {},
      layers: await linkLayers(source.home, target.home, starts),
      pending: null,
    });
    await (await beginLayers('restore', target.home, id, disks, operation.signal)).commit();
    await putBackHardware(target, folder);
    operation.undo.defer('its identity', () => removeSameness(target.home));
    await becomeCopy(target.home);
  }
}

/** What an earlier engine left half done is done first. */
export async function settleMachine(home: string, machine: LiveMachine | null): Promise<void> {
  if (machine && (await machine.paused())) await endSaving(await machine.qmp());
  await settleLayers(home, machine && (async (layer) => isSwitched(await machine.qmp(), layer)));
}
