/** A guest of a machine that another program described: its disks made ours, or nothing of it is left. */
import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import type { GuestDraft } from '../../contract/api.ts';
import { DISK_DEFAULTS } from '../../contract/disk.ts';
import { GuesthouseError } from '../../contract/errors.ts';
import { AUTO_MACHINE } from '../../contract/machine.ts';
import type { OperationContext } from '../../drivers/driver.ts';
import { createGuest } from '../creation.ts';
import { freeName } from '../file/free-name.ts';
import type { Imported } from '../file/import.ts';
import type { GuestRooms } from '../rooms.ts';
import { badMachine, type ForeignDisk, type ForeignMachine, freeGuestName, shownText } from './machine.ts';

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
/** A system that was installed elsewhere wants more than a small service (MiB). */
const DEFAULT_MEMORY_MIB = 2048;

/** `wish`: the name asked for; else one like the machine's own that nobody has. */
export async function takeMachine(
  rooms: GuestRooms,
  machine: ForeignMachine,
  wish: string | undefined,
  folder: string,
  operation: OperationContext,
): Promise<Imported> {
  const { context } = rooms;
  const { name, notes, ...outlined } = outline(rooms, machine, wish);
  const [disk, ...further] = machine.disks;
  const driver = await context.driverFor('vm');
  if (!driver.importData) throw badMachine('machine', 'no driver here can take a disk');
  const draft = await possible(rooms, machine, outlined.draft, notes);
  let virtualBytes = 0;
  const whole = join(folder, 'disk.qcow2');
  if (disk) ({ virtualBytes } = await convert(rooms, disk, whole, operation));
  const images = await furtherDisks(rooms, name, further, folder, operation);
  const guest = await createGuest(
    rooms,
    {
      ...draft,
      ...(disk ? { diskGib: virtualBytes / GIB } : {}),
      disks: images.map((image, at) => ({ ...DISK_DEFAULTS, name: `disk${at + 2}`, from: image })),
    },
    {
      verb: 'import-guest',
      within: operation,
      ownDisk: disk !== undefined,
      storage: async (made) => {
        if (!disk) return driver.create(made, operation);
        if (driver.importFile) await driver.importFile(made, whole, operation);
        else await driver.importData?.(made, createReadStream(whole, { highWaterMark: MIB }), operation);
        // Differences to the images: what was imported stays as it came.
        await driver.remake?.(made, made.spec, operation);
      },
    },
  );
  for (const image of images) notes.push(`A further disk of it is a difference to the image ${image}.`);
  return { guest, notes };
}

/** What the guest would be, before anything is asked of this host. `notes`: what is otherwise than in the machine. */
export function outline(
  { ledger }: GuestRooms,
  machine: ForeignMachine,
  wish: string | undefined,
): { readonly name: string; readonly draft: GuestDraft; readonly notes: string[] } {
  const taken = new Set([...ledger.all()].map(({ manifest }) => manifest.spec.name));
  const name = wish ?? freeGuestName(machine.name, taken);
  const notes = [...machine.notes];
  return { name, draft: draftOf(machine, name, notes), notes };
}

function draftOf(machine: ForeignMachine, name: string, notes: string[]): GuestDraft {
  const cpus = bounded(machine.cpus ?? 1, 1, availableParallelism());
  if (machine.cpus !== null && machine.cpus !== cpus)
    notes.push(`It had ${machine.cpus} processors; it has ${cpus} here.`);
  const memoryMib = bounded(machine.memoryMib ?? DEFAULT_MEMORY_MIB, 64, Math.floor(totalmem() / MIB / 2));
  if (machine.memoryMib !== null && machine.memoryMib !== memoryMib)
    notes.push(`It had ${machine.memoryMib} MiB of memory; it has ${memoryMib} MiB here.`);
  if (machine.firmware === 'uefi' || machine.firmware === 'uefi-secure')
    notes.push('What its UEFI firmware remembered was left out: it starts what its disk names as usual.');
  return {
    name,
    isolation: 'vm',
    cpus,
    memoryMib,
    iso: machine.iso,
    machine: {
      ...AUTO_MACHINE,
      system: machine.system ?? 'auto',
      architecture: machine.architecture ?? 'auto',
      firmware: machine.firmware ?? 'auto',
    },
    ...(machine.nics === 0 ? { network: 'none' } : {}),
  };
}

/** What no disk could make right is said before one is read. A medium that is gone is left out where there is a disk. */
export async function possible(
  rooms: GuestRooms,
  machine: ForeignMachine,
  draft: GuestDraft,
  notes: string[],
): Promise<GuestDraft> {
  const ownDisk = machine.disks.length > 0;
  if (!ownDisk && machine.iso === null)
    throw badMachine('machine', 'it has neither a disk nor a medium', 'Choose a machine that has a disk.');
  const { problems } = await rooms.check(draft, null, ownDisk);
  const other = problems.find(({ field }) => field !== 'iso' || !ownDisk);
  if (other) throw new GuesthouseError(other.error);
  if (problems.length === 0) return draft;
  notes.push(`The medium in its drive (${shownText(draft.iso ?? '')}) cannot be used and was left out.`);
  return { ...draft, iso: null };
}

/** Throws `not-found` or `denied`. Answers what its file takes (bytes). */
export async function requireDisk(disk: ForeignDisk): Promise<number> {
  const { size } = await stat(disk.path).catch((error: NodeJS.ErrnoException) => {
    const missing = error.code === 'ENOENT';
    throw new GuesthouseError({
      code: missing ? 'not-found' : 'denied',
      message: `The disk ${shownText(disk.name)} ${missing ? 'is not there' : 'cannot be read'}.`,
      subject: disk.path,
      ...(missing ? {} : { cause: error.message }),
      hint: missing ? 'Put it where its description says.' : 'Let whoever keeps the guests read it.',
    });
  });
  return disk.piece?.sizeBytes ?? size;
}

async function convert(rooms: GuestRooms, disk: ForeignDisk, target: string, operation: OperationContext) {
  await requireDisk(disk);
  return rooms.context.images.convert(disk, target, 'qcow2', operation);
}

/** The others become images of the store, named after the guest. */
async function furtherDisks(
  rooms: GuestRooms,
  guest: string,
  disks: readonly ForeignDisk[],
  folder: string,
  operation: OperationContext,
): Promise<string[]> {
  const { images } = rooms.context;
  const names: string[] = [];
  for (const [at, disk] of disks.entries()) {
    const path = join(folder, `disk-${at + 2}.qcow2`);
    await convert(rooms, disk, path, operation);
    const known = new Set(images.list().map(({ id }) => id));
    const plain =
      guest
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-+|-+$/g, '') || 'imported';
    const image = await images.import(path, freeName(`${plain}-disk-${at + 2}`, images.list()), operation);
    if (!known.has(image.id)) operation.undo.defer('the image of a disk', () => images.remove(image.id));
    await rm(path, { force: true });
    names.push(image.name);
  }
  return names;
}

function bounded(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}
