/** A stopped guest, its image and its data as one file of the host that any other home can take in. */
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { Exported, ExportFormat } from '../../contract/api.ts';
import { GuesthouseError } from '../../contract/errors.ts';
import type { Image } from '../../contract/image.ts';
import type { OperationContext } from '../../drivers/driver.ts';
import { explainSpace } from '../../host/space.ts';
import { END_MARK } from '../../images/archive/tar-header.ts';
import { type BlobArchive, createBlobArchive } from '../../images/save/blob-archive.ts';
import { volumesOf } from '../../volumes/users.ts';
import type { Entry } from '../entry.ts';
import type { GuestRooms } from '../rooms.ts';
import { packDisks } from './disks.ts';
import { composeDocument, DOCUMENT_NAME, type FileImage, type GuestDocument, MEMBER_FOLDER } from './document.ts';
import { writeNewFile } from './target.ts';

/** Refused while it runs. `path`: of a new file. */
export async function exportGuest(
  rooms: GuestRooms,
  entry: Entry,
  path: string,
  format: ExportFormat = 'guesthouse',
): Promise<Exported> {
  const { driver, manifest } = entry;
  if (format !== 'guesthouse' && driver.dataKind === 'layer')
    throw new GuesthouseError({
      code: 'unsupported',
      message: `${manifest.spec.name} has no disk that could be written as ${format}.`,
      subject: manifest.spec.name,
      hint: 'Export it as a Guesthouse file, or make an image of it with `guesthouse commit`.',
    });
  if (!driver.dataKind || !driver.exportData)
    throw new GuesthouseError({
      code: 'unsupported',
      message: `${manifest.spec.name} cannot be written to a file: nothing here can read a ${manifest.spec.isolation}.`,
      subject: manifest.spec.name,
    });
  let sizeBytes = 0;
  await rooms.turns.verb('export', entry, { cancellable: true }, async (held, operation) => {
    await writeNewFile(path, async (draft) => {
      try {
        sizeBytes = await writers[format](rooms, held, draft, operation);
      } catch (error) {
        throw explainSpace(error, draft, `exporting ${manifest.spec.name}`);
      }
    });
    operation.undo.commit();
  });
  return { path, sizeBytes, needsOurKernel: format !== 'guesthouse' && isFromContainerImage(rooms, entry) };
}

/** A kernel of ours is started directly: nothing on its disk could start it. */
function isFromContainerImage({ context: { images } }: GuestRooms, { manifest: { imageId } }: Entry): boolean {
  return imageId !== null && images.get(imageId).kind === 'rootfs';
}

type Writer = (rooms: GuestRooms, entry: Entry, draft: string, operation: OperationContext) => Promise<number>;

/** Loaded when asked for. */
const writers: Readonly<Record<ExportFormat, Writer>> = {
  guesthouse: write,
  async ova(...args) {
    const { writeOva } = await import('../foreign/export-ova.ts');
    return writeOva(...args);
  },
  async qcow2(...args) {
    const { writeQcow2 } = await import('../foreign/export-disk.ts');
    return writeQcow2(...args);
  },
};

async function write(rooms: GuestRooms, entry: Entry, draft: string, operation: OperationContext): Promise<number> {
  const { images, volumes } = rooms.context;
  const { manifest, driver } = entry;
  const { spec, imageId, imageName, ownVolumes = [] } = manifest;
  const image = imageId === null ? null : { ...images.get(imageId), name: imageName ?? imageId };
  const iso = spec.iso === null || spec.iso.startsWith('/') ? null : images.get(spec.iso);
  // First, because it writes a file of its own; the rest follows in place of its end mark.
  if (image?.kind === 'rootfs') await images.save([image.id], draft, 'docker', operation);
  const before = (await stat(draft)).size;
  const file = await open(draft, 'r+');
  try {
    const at = before === 0 ? 0 : before - END_MARK.length;
    const archive = await createBlobArchive(file, { at, folder: MEMBER_FOLDER });
    const pack = (step: string, content: AsyncIterable<Uint8Array>, bytesTotal: number | null) =>
      archive.stream(content, counting(operation, step, bytesTotal));
    const document: Omit<GuestDocument, 'format' | 'version' | 'createdAt'> = {
      guest: spec,
      image: image && (await packImage(rooms, image, archive, operation)),
      iso: iso && (await packImage(rooms, iso, archive, operation)),
      data: {
        kind: driver.dataKind as 'layer' | 'disk',
        ...(await pack('Writing what it changed', driver.exportData?.(manifest, operation) ?? nothing(), null)),
      },
      ...(spec.disks.length > 0
        ? { disks: await packDisks(driver, manifest, (step, content) => pack(step, content, null), operation) }
        : {}),
      volumes: [],
    };
    const packed: GuestDocument['volumes'] = [];
    for (const name of volumesOf(manifest)) {
      const own = ownVolumes.find(({ volume }) => volume === name);
      const { labels } = volumes.get(name);
      const member = await pack(`Writing the volume ${name}`, volumes.pack(name, operation.signal), null);
      packed.push({ name: own ? null : name, target: own?.target ?? null, labels: { ...labels }, ...member });
    }
    await archive.file(DOCUMENT_NAME, composeDocument({ ...document, volumes: packed }));
    const sizeBytes = await archive.end();
    operation.signal.throwIfAborted();
    operation.progress({ step: 'Writing it to the disk', fraction: null });
    return sizeBytes;
  } finally {
    await file.close();
  }
}

async function packImage(
  { context: { images } }: GuestRooms,
  { id, name, kind }: Image,
  archive: BlobArchive,
  operation: OperationContext,
): Promise<FileImage> {
  if (kind === 'rootfs') return { id, name, kind, file: null };
  const disk = kind === 'iso' ? null : (await images.machine(id, operation)).disk;
  const path = disk?.path ?? (await images.iso(id));
  const { size } = await stat(path);
  const content = createReadStream(path, { highWaterMark: 1024 * 1024, signal: operation.signal });
  const member = await archive.stream(content, counting(operation, `Writing the image ${name}`, size));
  return { id, name, kind, file: { ending: disk?.format ?? 'iso', ...member } };
}

function counting({ progress }: OperationContext, step: string, bytesTotal: number | null): (count: number) => void {
  let bytesDone = 0;
  progress({ step, fraction: null });
  return (count) => {
    bytesDone += count;
    const known = bytesTotal === null || bytesTotal === 0 ? {} : { bytesTotal };
    progress({ step, fraction: bytesTotal ? Math.min(1, bytesDone / bytesTotal) : null, bytesDone, ...known });
  };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
