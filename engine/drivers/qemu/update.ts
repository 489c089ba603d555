/** What a change of the spec asks of a machine that runs. */
import { isDeepStrictEqual } from 'node:util';
import { bootDiskOf } from '../../contract/disk.ts';
import type { GuestSpec } from '../../contract/guest.ts';
import { Undo } from '../../host/undo.ts';
import type { GuestRecord, LiveChange, OperationContext } from '../driver.ts';
import { ROOT_DEVICE } from './disk/blockdev.ts';
import { growDrive, limitIo, reconcileDisks } from './disk/live.ts';
import { changeMedium } from './disk/medium.ts';
import { diskBytes } from './disks.ts';
import { coversAnother, foldersStay } from './folders-fit.ts';
import { reconcileFolders } from './folders-live.ts';
import type { MachineContext } from './hardware/device-claims.ts';
import { reconcileUsb } from './hardware/host-devices-live.ts';
import type { LiveMachine } from './live.ts';
import type { Programs } from './programs.ts';
import type { RunRecord } from './run-record.ts';
import { resize } from './size/resize.ts';
import { fitsLive } from './size/room.ts';

/** All disks of a change together; each command has a deadline of its own too (ms). */
const TIMEOUT_MS = 10 * 60_000;

export const LIVE_FIELDS: ReadonlySet<keyof GuestSpec> = new Set([
  'disks',
  'io',
  'diskGib',
  'iso',
  'cpus',
  'memoryMib',
  'hostDevices',
  'mounts',
  'machine',
]);

/** What only a new start can change, of the fields above. `run`: of the machine. */
export function needsRestart(
  before: GuestSpec,
  field: keyof GuestSpec,
  next: GuestSpec,
  run: Pick<RunRecord, 'hasCd' | 'size' | 'hardware' | 'usb' | 'shares' | 'sharedMemory'> & {
    readonly accelerator?: RunRecord['accelerator'];
  },
): boolean {
  if (field === 'iso') return run.hasCd !== true;
  if (field === 'cpus' || field === 'memoryMib') return !fitsLive(field, next, run, before);
  // A PCI device is taken over whole, by a machine that does not run yet.
  if (field === 'hostDevices') return pci(before) !== pci(next) || run.usb !== true;
  if (field === 'mounts') return foldersStay(next, run) !== null || coversAnother(before, next);
  // How text is typed is looked at when some is.
  if (field === 'machine')
    return !isDeepStrictEqual({ ...next.machine, keyboard: null }, { ...before.machine, keyboard: null });
  if (field !== 'disks') return false;
  // Nothing comes to a microVM, or goes from it, while it runs.
  if (next.isolation === 'microvm' && attached(before) !== attached(next)) return true;
  // It runs from it.
  const boot = bootDiskOf(before);
  if (boot && !next.disks.some(({ name, attached }) => attached && name === boot.name)) return true;
  return next.disks.some((disk) => {
    const old = before.disks.find(({ name }) => name === disk.name);
    if (!old?.attached || !disk.attached) return false;
    return old.cache !== disk.cache || old.discard !== disk.discard || old.readOnly !== disk.readOnly;
  });
}

const pci = ({ hostDevices }: GuestSpec) =>
  hostDevices.flatMap(({ bus, device }) => (bus === 'pci' ? [device] : [])).join(' ');

const attached = ({ disks }: GuestSpec) => disks.flatMap(({ name, attached }) => (attached ? [name] : [])).join(' ');

/** Throws at the first thing that does not work; asked again with the old values, it goes back to those. */
export async function updateMachine(
  context: MachineContext,
  guest: GuestRecord,
  machine: LiveMachine,
  change: LiveChange,
  programs: Pick<Programs, 'tool'>,
  base: (operation: OperationContext) => Promise<{ readonly virtualBytes: number } | null>,
): Promise<void> {
  const undo = new Undo();
  const operation: OperationContext = { signal: AbortSignal.timeout(TIMEOUT_MS), undo, progress() {} };
  const qmp = await machine.qmp();
  try {
    if (change.iso !== undefined) await changeMedium(qmp, guest.isoPath);
    if (change.diskGib !== undefined) {
      const image = (await base(operation)) as Parameters<typeof diskBytes>[0]['base'];
      await growDrive(
        qmp,
        ROOT_DEVICE,
        diskBytes({ base: image, diskGib: guest.spec.diskGib, guestName: guest.spec.name }),
      );
    }
    if (change.cpus !== undefined || change.memoryMib !== undefined) await resize(machine, guest);
    if (change.hostDevices !== undefined) await reconcileUsb(context, machine, guest);
    if (change.mounts !== undefined) await reconcileFolders(context, machine, guest, programs, operation.signal);
    if (change.disks !== undefined) await reconcileDisks(context, guest, qmp, operation);
    else if (change.io !== undefined) await limitIo(qmp, guest);
    undo.commit();
  } catch (error) {
    await undo.rollback((what, failure) => context.log.error(`could not take back: ${what}`, { error: failure }));
    throw error;
  }
}
