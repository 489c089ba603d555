/** A guest from a file that another home wrote. Nothing of it is trusted; nothing half-made stays behind. */
import { open, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { DraftProblem, GuestDraft } from '../../contract/api.ts';
import { GuesthouseError } from '../../contract/errors.ts';
import type { Guest } from '../../contract/guest.ts';
import type { Image } from '../../contract/image.ts';
import type { GuestRecord, OperationContext } from '../../drivers/driver.ts';
import { requireSpace } from '../../host/space.ts';
import { type ArchiveIndex, openArchive } from '../../images/import/archive-index.ts';
import type { Squeezed } from '../../images/import/detect.ts';
import { newVolumeId } from '../../volumes/create.ts';
import { createGuest } from '../creation.ts';
import type { GuestRooms } from '../rooms.ts';
import { disksFrom } from './disks.ts';
import {
  DOCUMENT_NAME,
  type FileImage,
  type FileMember,
  type GuestDocument,
  MEMBER_FOLDER,
  notGuest,
  parseDocument,
} from './document.ts';
import { freeName } from './free-name.ts';
import { inWorkFolder } from './work-folder.ts';

/** The guest, and what is other than in the file, in words. */
export interface Imported {
  readonly guest: Guest;
  readonly notes: readonly string[];
}

export function importGuest(rooms: GuestRooms, path: string, name: string | undefined): Promise<Imported> {
  if (!path.startsWith('/') || path.includes('\0'))
    throw new GuesthouseError({ code: 'invalid', message: 'The path of the file must be absolute.', subject: 'path' });
  const wish = { verb: 'import-guest', targetId: null, target: name ?? basename(path), cancellable: true } as const;
  return rooms.context.operations.run(wish, async (operation) => {
    operation.progress({ step: `Reading ${basename(path)}`, fraction: null });
    const { recognise } = await import('../foreign/recognise.ts');
    return inWorkFolder(rooms.context.paths.home, async (folder) => {
      const unpack = async (kind: Squeezed, sizeBytes: number) => {
        const plain = join(folder, 'unpacked');
        await rooms.context.images.unpack({ path, sizeBytes, shownPath: path }, kind, plain, operation);
        return plain;
      };
      const machine = await recognise(path, path, unpack, operation);
      if (machine === null) return importGuestFile(rooms, path, name, operation);
      const { takeMachine } = await import('../foreign/take.ts');
      return takeMachine(rooms, machine, name, folder, operation);
    });
  });
}

async function importGuestFile(
  rooms: GuestRooms,
  path: string,
  name: string | undefined,
  operation: OperationContext,
): Promise<Imported> {
  const archive = await openGuestFile(path, operation.signal);
  try {
    if (!archive.has(DOCUMENT_NAME)) throw notGuest('it has no guesthouse.json');
    const document = parseDocument(await archive.read(DOCUMENT_NAME));
    return await take({ rooms, path, archive, document, operation }, name ?? document.guest.name);
  } finally {
    await archive.close();
  }
}

interface Source {
  readonly rooms: GuestRooms;
  readonly path: string;
  readonly archive: ArchiveIndex;
  readonly document: GuestDocument;
  readonly operation: OperationContext;
}

async function take(source: Source, name: string): Promise<Imported> {
  const { rooms, document, operation, path } = source;
  const { context } = rooms;
  const driver = await context.driverFor(document.guest.isolation);
  if (driver.dataKind !== document.data.kind || !driver.importData)
    throw notGuest(`its data are a ${document.data.kind}, which no ${document.guest.isolation} has`);
  await requireSpace(context.paths.home, (await stat(path)).size, `importing ${name}`);
  // What is wrong with the request itself is said before anything is unpacked.
  const notes: string[] = [];
  const disks = disksFrom(document, notes);
  await refuse(source, { ...document.guest, name, disks, image: null, iso: null });
  const image = document.image && (await takeImage(source, document.image));
  const iso = document.iso && (await takeImage(source, document.iso));
  const spec = { ...document.guest, name, disks, image: image?.id ?? null, iso: iso?.name ?? document.guest.iso };
  const ownDisk = document.data.kind === 'disk';
  const draft = await withFreePlaces(rooms, spec, ownDisk, notes);
  const taken = new Set(context.volumes.list().map(({ id }) => id));
  const own = document.volumes
    .filter((volume) => volume.name === null && volume.target !== null)
    .map((volume) => ({ from: volume, volume: newVolumeId(taken), target: volume.target as string }));
  const guest = await createGuest(rooms, draft, {
    verb: 'import-guest',
    within: operation,
    ownDisk,
    image,
    shownImage: image?.name ?? null,
    ownVolumes: own.map(({ volume, target }) => ({ volume, target })),
    storage: async (made) => {
      for (const { from, volume } of own) {
        await context.volumes.createFor(made.id, volume);
        await fill(source, volume, from);
      }
      await takeNamedVolumes(source, made, notes);
      await driver.importData?.(made, member(source, document.data, 'Unpacking its data'), operation);
      for (const disk of document.disks?.filter(({ name }) => disks.some((one) => one.name === name)) ?? [])
        await driver.importData?.(made, member(source, disk, `Unpacking the disk ${disk.name}`), operation, disk.name);
    },
  });
  return { guest, notes };
}

/** Judged once the image is there, because it has a say in them. */
const LATE: readonly string[] = ['image', 'iso', 'diskGib', 'mounts', 'ports', 'macAddress'];

/** Throws what no image could make right. */
async function refuse({ rooms }: Source, draft: GuestDraft): Promise<void> {
  const { problems } = await rooms.check(draft);
  const early = problems.find(({ field }) => !LATE.includes(field) && !field.startsWith('ports.'));
  if (early) throw new GuesthouseError(early.error);
}

/** The same image of this store, or the one in the file under a name that no other has. */
async function takeImage(source: Source, wanted: FileImage): Promise<Image> {
  const { rooms, path, operation, document } = source;
  const { images } = rooms.context;
  const there = images.list().find(({ id }) => id === wanted.id);
  if (there) return there;
  const name = freeName(wanted.name, images.list());
  const make = async () => {
    if (wanted.kind === 'rootfs') return images.import(path, name, operation);
    const { file } = wanted;
    if (file === null) throw notGuest(`the ${wanted.kind} of its image is missing`);
    return inWorkFolder(rooms.context.paths.home, async (folder) => {
      const copy = join(folder, `image.${file.ending}`);
      await write(member(source, file, `Unpacking the image ${wanted.name}`), copy, operation.signal);
      return images.import(copy, name, operation);
    });
  };
  const known = new Set(images.list().map(({ id }) => id));
  const image = await make();
  if (!known.has(image.id)) operation.undo.defer('its image', () => images.remove(image.id));
  if (image.kind !== wanted.kind) throw notGuest(`its image is a ${image.kind} and not a ${wanted.kind}`);
  if (wanted.kind === 'rootfs' && document.guest.isolation === 'container') await images.rootfs(image.id);
  return { ...image, name };
}

/** Ports and a hardware address that are taken here, or ports not this user's to open, are chosen anew, and told. Throws the first problem of any other kind. */
async function withFreePlaces(
  rooms: GuestRooms,
  draft: GuestDraft,
  ownDisk: boolean,
  notes: string[],
): Promise<GuestDraft> {
  const { problems } = await rooms.check(draft, null, ownDisk);
  const isPort = ({ field, error }: DraftProblem) =>
    /^ports\.\d+\.hostPort$/.test(field) && (error.code === 'conflict' || error.code === 'denied');
  const isTaken = ({ field, error }: DraftProblem) => field === 'macAddress' && error.code === 'conflict';
  const other = problems.find((problem) => !isPort(problem) && !isTaken(problem));
  if (other) throw new GuesthouseError(other.error);
  const clashing = new Set(problems.filter(isPort).map(({ field }) => Number(field.split('.')[1])));
  const ports = (draft.ports ?? []).map((rule, at) => (clashing.has(at) ? { ...rule, hostPort: 0 } : rule));
  for (const at of clashing)
    notes.push(
      `Port ${draft.ports?.[at]?.hostPort} cannot be had here; another one was chosen for ${ports[at]?.guestPort}.`,
    );
  const taken = problems.find(isTaken);
  if (taken) notes.push(`${taken.error.message} It has one of its own here.`);
  return { ...draft, ports, ...(taken ? { macAddress: null } : {}) };
}

/** A volume of a name that is taken is used as it is: its data are somebody's. */
async function takeNamedVolumes(source: Source, guest: GuestRecord, notes: string[]): Promise<void> {
  const { rooms, document, operation } = source;
  const { volumes } = rooms.context;
  const wanted = new Set(guest.spec.mounts.map((mount) => mount.source).filter((name) => !name.startsWith('/')));
  for (const name of wanted) {
    const carried = document.volumes.find((volume) => volume.name === name);
    const made = await volumes.ensure(name, carried?.labels);
    if (made === null) {
      notes.push(`There was a volume ${name} already; it is used as it is.`);
      continue;
    }
    operation.undo.defer('the volume', () => volumes.discard(made, guest.spec.name));
    if (carried) await fill(source, made, carried);
  }
}

async function fill(source: Source, volume: string, from: GuestDocument['volumes'][number]): Promise<void> {
  const { rooms, operation } = source;
  const content = member(source, from, `Unpacking the volume ${from.name ?? from.target}`);
  await rooms.context.volumes.unpack(volume, content, operation.signal);
}

/** The content of a member; fails at its end unless its digest is what the document says. */
async function* member(
  { archive, operation }: Source,
  { hex, sizeBytes }: FileMember,
  step: string,
): AsyncGenerator<Uint8Array> {
  let bytesDone = 0;
  for await (const piece of archive.stream(`${MEMBER_FOLDER}${hex}`, { digest: hex, sizeBytes })) {
    bytesDone += piece.length;
    operation.progress({ step, fraction: bytesDone / sizeBytes, bytesDone, bytesTotal: sizeBytes });
    yield piece;
  }
}

/** `leap`: only its headers are read. Throws `bad-data`, `not-found`, `denied`. */
export async function openGuestFile(path: string, signal: AbortSignal, leap = false): Promise<ArchiveIndex> {
  try {
    return await openArchive(path, signal, leap);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR')
      throw new GuesthouseError({
        code: code === 'EACCES' ? 'denied' : 'not-found',
        message: `${path} cannot be read${code === 'ENOENT' ? ': there is no such file' : code === 'EISDIR' ? ': it is a folder' : ''}.`,
        subject: path,
      });
    if (error instanceof GuesthouseError && code === 'bad-data') throw notGuest(error.message.replace(/\.$/, ''));
    throw error;
  }
}

async function write(source: AsyncIterable<Uint8Array>, path: string, signal: AbortSignal): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const piece of source) {
      signal.throwIfAborted();
      await file.writeFile(piece);
    }
  } finally {
    await file.close();
  }
}
