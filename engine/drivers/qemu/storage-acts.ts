/** A machine's own storage: made, copied, given out and taken in, fitted to a changed spec. None of it while it runs. */
import { hasOwnDisk } from '../../contract/disk.ts';
import type { Driver, DriverContext, GuestRecord } from '../driver.ts';
import { copyMachine } from './disk/copy.ts';
import { linkMachine } from './disk/linked.ts';
import { ownLayers, roomOfCopies } from './disk/own-layers.ts';
import { diskFile, ensureDisks, requireOwnDisk, sweepDisks } from './disk/storage.ts';
import { createDisk, growDisk, removeDisk } from './disks.ts';
import { readKept } from './hardware/kept.ts';
import type { LiveMachine } from './live.ts';
import { machineImage } from './machine-image.ts';
import { machinePaths } from './run-record.ts';
import { requireQemu } from './tools.ts';
import { moveDisk, takeDisk, wholeDisk } from './whole-disk.ts';

type StorageActs =
  | 'create'
  | 'dataKind'
  | 'exportData'
  | 'importData'
  | 'importFile'
  | 'firmware'
  | 'copyData'
  | 'partCopy'
  | 'linkData'
  | 'copyRoom'
  | 'remake'
  | 'sweep';

/** `running`: the machine, if it runs. */
export function machineStorage(
  context: DriverContext,
  running: (guest: GuestRecord) => LiveMachine | null,
): Required<Pick<Driver, StorageActs>> {
  const { paths } = context;
  return {
    async create(guest, operation) {
      await requireQemu();
      const files = machinePaths(paths, guest.id);
      const machine = await machineImage(context, guest, operation);
      operation.progress({ step: 'Making the disk', fraction: null });
      if (hasOwnDisk(guest.spec)) {
        operation.undo.defer('the disk', () => removeDisk(files.disk));
        await createDisk({
          path: files.disk,
          guestName: guest.spec.name,
          base: machine?.disk ?? null,
          diskGib: guest.spec.diskGib,
          signal: operation.signal,
        });
      }
      await ensureDisks(context, guest, operation);
    },

    dataKind: 'disk',
    exportData(guest, operation, disk) {
      if (disk === undefined) requireOwnDisk(guest);
      const further = guest.spec.disks.find(({ name }) => name === disk);
      const { disk: root } = machinePaths(paths, guest.id);
      const file = further ? diskFile(paths, guest.id, further) : root;
      return wholeDisk(file, guest.spec.name, operation, further?.format);
    },

    async importData(guest, source, operation, name) {
      await requireQemu();
      const further = guest.spec.disks.find((one) => one.name === name);
      if (further) {
        const file = diskFile(paths, guest.id, further);
        operation.undo.defer(`the disk ${further.name}`, () => removeDisk(file));
        return takeDisk(source, file, null, operation);
      }
      const machine = await machineImage(context, guest, operation);
      const { disk } = machinePaths(paths, guest.id);
      operation.undo.defer('the disk', () => removeDisk(disk));
      await takeDisk(source, disk, machine?.disk ?? null, operation);
    },

    async importFile(guest, path, operation) {
      await requireQemu();
      const { disk } = machinePaths(paths, guest.id);
      operation.undo.defer('the disk', () => removeDisk(disk));
      await moveDisk(path, disk);
    },

    async firmware(guest) {
      const kept = await readKept(machinePaths(paths, guest.id).choice);
      return guest.spec.machine.firmware === 'auto' ? (kept?.firmware ?? null) : guest.spec.machine.firmware;
    },

    copyData: (from, to, operation) => copyMachine(paths, from, to, operation),
    partCopy: (copy, operation) => ownLayers(context, copy, operation),
    linkData: (from, to, operation) => linkMachine(context, from, to, running(from), operation),
    copyRoom: (guest) => roomOfCopies(context, guest),

    async remake(guest, before, operation) {
      await ensureDisks(context, guest, operation);
      if (guest.spec.diskGib === before.diskGib) return;
      const machine = await machineImage(context, guest, operation);
      operation.progress({ step: 'Growing the disk', fraction: null });
      await growDisk({
        path: machinePaths(paths, guest.id).disk,
        guestName: guest.spec.name,
        base: machine?.disk ?? null,
        diskGib: guest.spec.diskGib,
        signal: operation.signal,
      });
    },

    sweep: (guest) => sweepDisks(paths, guest),
  };
}
