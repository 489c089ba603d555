/** What would become of a file, said before anything is made of it: descriptions and headers are read, contents are not. */
import { type ErrorShape, GuesthouseError, toErrorShape } from '../../contract/errors.ts';
import type { ImportedDisk, ImportPlan } from '../../contract/import.ts';
import { withDisk } from '../../images/convert/open.ts';
import { DOCUMENT_NAME, type GuestDocument, notGuest, parseDocument } from '../file/document.ts';
import { openGuestFile } from '../file/import.ts';
import type { GuestRooms } from '../rooms.ts';
import { type ForeignDisk, type ForeignMachine, freeGuestName, type Reading } from './machine.ts';
import { nameOf, recognise } from './recognise.ts';
import { outline, possible, requireDisk } from './take.ts';

/** Who typed a path is waiting. Only a file made to be slow takes longer (ms). */
const DEADLINE_MS = 10_000;
/** Where nothing says which program it was. */
const NOBODY: ReadonlySet<string> = new Set(['disk', 'OVF']);
/** In the place of a path: it is compressed, and unpacking takes as long as it is large. */
class Packed extends Error {}

/** Throws `bad-data`, `not-found`, `denied`, `timeout`. What this host has against it is the plan's `problem`. */
export async function planImport(rooms: GuestRooms, path: string, wish: string | undefined): Promise<ImportPlan> {
  const reading: Reading = { signal: AbortSignal.timeout(DEADLINE_MS), progress() {}, contents: false };
  const unpack = () => Promise.reject(new Packed());
  try {
    const machine = await recognise(path, path, unpack, reading);
    return machine === null ? await ofGuestFile(rooms, path, wish, reading) : await ofMachine(rooms, machine, wish);
  } catch (error) {
    if (error instanceof Packed) return packed(rooms, path, wish);
    if (!reading.signal.aborted) throw error;
    throw new GuesthouseError({
      code: 'timeout',
      message: `${path} could not be looked at within ${DEADLINE_MS / 1000} seconds.`,
      subject: path,
      hint: 'It can be imported all the same; what is in it shows then.',
    });
  }
}

async function ofMachine(rooms: GuestRooms, machine: ForeignMachine, wish: string | undefined): Promise<ImportPlan> {
  const { name, draft, notes } = outline(rooms, machine, wish);
  let problem: ErrorShape | null = null;
  const unless = async <T>(act: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await act();
    } catch (error) {
      problem ??= toErrorShape(error);
      return otherwise;
    }
  };
  const { iso } = await unless(() => possible(rooms, machine, draft, notes), draft);
  const disks: ImportedDisk[] = [];
  for (const disk of machine.disks)
    disks.push(
      await unless(() => sized(disk), { name: disk.name, virtualBytes: disk.saidBytes ?? null, fileBytes: null }),
    );
  return {
    kind: machine.from === 'disk' ? 'disk' : 'machine',
    from: NOBODY.has(machine.from) ? null : machine.from,
    ...{ name, isolation: 'vm' as const },
    ...{ system: machine.system, architecture: machine.architecture, firmware: machine.firmware },
    ...{ cpus: draft.cpus ?? null, memoryMib: draft.memoryMib ?? null, disks, iso: iso ?? null },
    networks: draft.network === 'none' ? [] : ['nat'],
    ...{ notes, problem },
  };
}

/** Judged as strictly as when it is read whole. */
async function sized(disk: ForeignDisk): Promise<ImportedDisk> {
  const fileBytes = await requireDisk(disk);
  const { name, saidBytes = null } = disk;
  if (disk.gzip) return { name, virtualBytes: saidBytes, fileBytes };
  const virtualBytes = await withDisk(disk.path, disk.format, async (source) => source.virtualBytes, disk.piece);
  return { name, virtualBytes, fileBytes };
}

async function ofGuestFile(
  rooms: GuestRooms,
  path: string,
  wish: string | undefined,
  { signal }: Reading,
): Promise<ImportPlan> {
  const archive = await openGuestFile(path, signal, true);
  let document: GuestDocument;
  try {
    if (!archive.has(DOCUMENT_NAME)) throw notGuest('it has no guesthouse.json');
    document = parseDocument(await archive.read(DOCUMENT_NAME));
  } finally {
    await archive.close();
  }
  const { guest, data } = document;
  const name = wish ?? guest.name;
  const { problems } = await rooms.check({ name, isolation: 'container' });
  return {
    kind: 'guest',
    from: 'Guesthouse',
    ...{ name, isolation: guest.isolation, cpus: guest.cpus, memoryMib: guest.memoryMib },
    system: known(guest.machine?.system),
    architecture: known(guest.machine?.architecture),
    firmware: known(guest.machine?.firmware),
    disks: [
      ...(data.kind === 'disk'
        ? [diskOf('disk', guest.diskGib === null ? null : guest.diskGib * 1024 ** 3, data)]
        : []),
      ...(document.disks ?? []).map((disk) => diskOf(disk.name, disk.virtualBytes, disk)),
    ],
    iso: document.iso?.name ?? guest.iso,
    networks: [guest.network, ...(guest.moreNetworks ?? [])].filter((one) => one !== 'none'),
    notes: [],
    problem: problems.find(({ field }) => field === 'name')?.error ?? null,
  };
}

const diskOf = (name: string, virtualBytes: number | null, { sizeBytes }: { sizeBytes: number }): ImportedDisk => ({
  ...{ name, virtualBytes },
  fileBytes: sizeBytes,
});

const known = <T extends string>(value: T | 'auto' | undefined): T | null =>
  value === undefined || value === 'auto' ? null : (value as T);

function packed({ ledger }: GuestRooms, path: string, wish: string | undefined): ImportPlan {
  const taken = new Set([...ledger.all()].map(({ manifest }) => manifest.spec.name));
  return {
    ...{ kind: 'packed', from: null, name: wish ?? freeGuestName(nameOf(path), taken), isolation: 'vm' },
    ...{ system: null, architecture: null, firmware: null, cpus: null, memoryMib: null },
    ...{ disks: [], iso: null, networks: [], notes: [], problem: null },
  };
}
