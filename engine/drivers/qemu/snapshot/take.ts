/** A snapshot of a machine is taken: its disks become a layer, its hardware's own files and its memory are kept beside. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasOwnDisk, isHostDisk, ROOT_DISK } from '../../../contract/disk.ts';
import { GuesthouseError } from '../../../contract/errors.ts';
import type { DriverContext, GuestRecord, OperationContext, SnapshotMade } from '../../driver.ts';
import { baseOf } from '../disk/storage.ts';
import { beginLayers } from '../layers/freeze.ts';
import type { ImageDisk } from '../layers/record.ts';
import type { LiveMachine } from '../live.ts';
import { machineImage } from '../machine-image.ts';
import { saveMemory } from '../memory/save.ts';
import { memoryFile, shapeOf, writeShape } from '../memory/shape.ts';
import { type MachinePaths, machinePaths } from '../run-record.ts';
import { shrink, writePng } from '../screen/picture.ts';
import { takePicture } from '../screen/screenshot.ts';
import { whileFrozen } from './frozen.ts';
import { keepHardware } from './hardware.ts';
import { switchOver } from './switch.ts';

/** Of the screen's picture in the list (pixels). */
const PICTURE_WIDTH = 320;

/** Every disk a snapshot holds, with the image's disk under it. */
export async function heldDisks(
  context: DriverContext,
  guest: GuestRecord,
  operation: OperationContext,
): Promise<Map<string, ImageDisk | null>> {
  const image = await machineImage(context, guest, operation);
  const disks = new Map<string, ImageDisk | null>(hasOwnDisk(guest.spec) ? [[ROOT_DISK, image?.disk ?? null]] : []);
  for (const disk of guest.spec.disks)
    if (!isHostDisk(disk) && disk.format === 'qcow2') disks.set(disk.name, await baseOf(context, disk, operation));
  return disks;
}

export function leftOut({ spec }: GuestRecord): string[] {
  return [
    ...spec.disks.filter((disk) => isHostDisk(disk) || disk.format === 'raw').map(({ name }) => name),
    ...spec.mounts.map(({ source, target }) => `${source} (${target})`),
  ];
}

/** What the machine has whose state QEMU does not keep, as a sentence; null: nothing. Pure. */
export function outsideOf({ mounts, hostDevices, machine }: GuestRecord['spec']): string | null {
  if (mounts.length > 0) return 'It has shared folders, whose state is outside of it.';
  if (hostDevices.length > 0) return 'It has devices of the host, whose state is outside of it.';
  if (machine.clipboard) return 'It shares a clipboard, whose state is outside of it.';
  return null;
}

/** Why the memory of the running guest cannot be kept, as a sentence. */
export function memoryProblem({ spec }: GuestRecord): string | null {
  const outside = outsideOf(spec);
  if (outside !== null) return outside;
  const raw = spec.disks.find((disk) => disk.attached && !disk.readOnly && (isHostDisk(disk) || disk.format === 'raw'));
  if (raw) return `Its disk ${raw.name} is no part of a snapshot, and would not be what its memory believes it to be.`;
  return null;
}

export async function takeSnapshot(
  context: DriverContext,
  guest: GuestRecord,
  machine: LiveMachine | null,
  snapshot: { readonly id: string; readonly folder: string; readonly memory: boolean },
  operation: OperationContext,
): Promise<SnapshotMade> {
  const files = machinePaths(context.paths, guest.id);
  const disks = await heldDisks(context, guest, operation);
  if (disks.size === 0) throw nothingHeld(guest.spec.name);
  operation.progress({ step: 'Freezing the disks', fraction: null });
  const freezing = await beginLayers('take', files.home, snapshot.id, disks, operation.signal);
  if (machine === null) {
    await keepHardware(files, snapshot.folder);
    await freezing.commit();
    return { memory: false, picture: false };
  }
  const taking = () => takeFrom(machine, guest, files, snapshot, freezing, operation);
  return snapshot.memory ? machine.sessions.still(taking) : taking();
}

async function takeFrom(
  machine: LiveMachine,
  guest: GuestRecord,
  files: MachinePaths,
  snapshot: { readonly id: string; readonly folder: string; readonly memory: boolean },
  freezing: Awaited<ReturnType<typeof beginLayers>>,
  operation: OperationContext,
): Promise<SnapshotMade> {
  const qmp = await machine.qmp();
  const wasPaused = await machine.paused();
  const [shape, picture] = await Promise.all([
    snapshot.memory ? shapeOf(machine, wasPaused) : null,
    keepPicture(machine, snapshot.folder),
  ]);
  let saved: Awaited<ReturnType<typeof saveMemory>> | null = null;
  const act = async () => {
    try {
      await machine.setPaused(true);
      await freezing.commit((next) => switchOver(qmp, guest, snapshot.id, next));
      await keepHardware(files, snapshot.folder);
      if (shape) saved = await saveMemory(qmp, memoryFile(snapshot.folder), guest.spec.name, operation);
    } finally {
      await goOn(machine, wasPaused, shape !== null);
    }
  };
  // With its memory nothing is missing on the disks, and what was kept frozen would come back so.
  if (shape || wasPaused) await act();
  else await whileFrozen(machine, operation, act);
  operation.progress({ step: 'Writing it to the disk', fraction: null });
  await (saved as Awaited<ReturnType<typeof saveMemory>> | null)?.durable();
  if (shape) await writeShape(snapshot.folder, shape);
  return { memory: shape !== null, picture };
}

function nothingHeld(guestName: string): GuesthouseError {
  return new GuesthouseError({
    code: 'unsupported',
    message: `${guestName} has no disk that a snapshot could hold.`,
    subject: guestName,
    cause: 'Only qcow2 disks of its own can be held; a disk of the host is used as it is.',
    hint: 'Copy that disk with the tools of the host, while the machine does not run.',
  });
}

/** A machine whose memory was kept has let go of its disks; one that stood still before takes one step to have them back. */
async function goOn(machine: LiveMachine, wasPaused: boolean, memory: boolean): Promise<void> {
  if (!wasPaused) await machine.setPaused(false);
  else if (memory) await Promise.all([machine.setPaused(false), machine.setPaused(true)]);
}

/** The screen as a small picture. A machine that shows none right now is no reason to fail. */
async function keepPicture(machine: LiveMachine, folder: string): Promise<boolean> {
  const picture = await Promise.race([takePicture(machine).catch(() => null), sleep(1_000, null, { ref: false })]);
  if (!picture) return false;
  await writeFile(join(folder, 'screen.png'), await writePng(shrink(picture, PICTURE_WIDTH)), { mode: 0o600 });
  return true;
}
