/**
 * Images as one archive of the host. Both formats are an OCI image layout (image-spec, image-layout.md); that of Docker
 * has the `manifest.json` of `docker save` besides (moby, image/spec/v1.2.md). The same store gives the same bytes.
 */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { GuesthouseError } from '../../contract/errors.ts';
import { syncFolder } from '../../host/files.ts';
import { requireSpace } from '../../host/space.ts';
import { overlayTar } from '../archive/overlay-tar.ts';
import { composeConfig, NO_CONFIG } from '../config.ts';
import type { Workshop } from '../made.ts';
import { type Folders, type ImageRecord, idHex } from '../records.ts';
import { blobName, createBlobArchive, type WrittenBlob } from './blob-archive.ts';
import { composeIndex, composeManifest, type SavedImage, withDiffIds } from './documents.ts';

export interface Wanted {
  readonly record: ImageRecord;
  /** Names it has in the archive; none where it was asked for by its id and has none to give. */
  readonly names: readonly string[];
}

export type SaveFormat = 'docker' | 'oci';

export interface Saved {
  readonly sizeBytes: number;
  /** Diff id in the store -> diff id in the archive. */
  readonly layers: ReadonlyMap<string, string>;
}

/** `path` appears whole or not at all; a file that is there is replaced. */
export async function saveImages(
  wanted: readonly Wanted[],
  path: string,
  format: SaveFormat,
  shop: Workshop & { readonly folders: Folders },
): Promise<Saved> {
  const { operation, layers } = shop;
  for (const { record } of wanted) requireRootfs(record);
  const target = await usableTarget(path);
  const needed = [...new Set(wanted.flatMap(({ record }) => record.layers))];
  let bytesTotal = 0;
  for (const diffId of needed) bytesTotal += (await layers.read(diffId))?.sizeBytes ?? 0;

  const draft = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
  const file = await open(draft, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600).catch((error) => {
    throw unwritable(target, error as NodeJS.ErrnoException);
  });
  try {
    await requireSpace(dirname(target), bytesTotal, `saving ${basename(target)}`);
    const archive = await createBlobArchive(file);
    const blobs = new Map<string, WrittenBlob>();
    let bytesDone = 0;
    for (const [at, diffId] of needed.entries()) {
      const step = `Packing layer ${at + 1} of ${needed.length}`;
      const tell = () =>
        operation.progress({ step, fraction: bytesTotal > 0 ? Math.min(1, bytesDone / bytesTotal) : null, bytesDone });
      tell();
      const written = await archive.stream(layerTar(diffId, shop), (count) => {
        bytesDone += count;
        tell();
      });
      blobs.set(diffId, written);
    }
    const saved: SavedImage[] = [];
    for (const { record, names } of wanted) {
      const own = record.layers.map((diffId) => blobs.get(diffId) as WrittenBlob);
      const config = await archive.blob(await configOf(record, own, shop.folders));
      saved.push({ names, config, layers: own });
    }
    if (format === 'docker') await archive.file('manifest.json', json(saved.map(dockerEntry)));
    const manifests: { names: readonly string[]; blob: WrittenBlob }[] = [];
    for (const image of saved)
      manifests.push({ names: image.names, blob: await archive.blob(json(composeManifest(image))) });
    await archive.file('oci-layout', json({ imageLayoutVersion: '1.0.0' }));
    await archive.file('index.json', json(composeIndex(manifests)));
    const sizeBytes = await archive.end();
    operation.signal.throwIfAborted();
    operation.progress({ step: 'Writing it to the disk', fraction: null });
    await file.sync();
    await rename(draft, target);
    await syncFolder(dirname(target));
    return { sizeBytes, layers: new Map([...blobs].map(([diffId, { hex }]) => [diffId, hex])) };
  } finally {
    await file.close();
    await rm(draft, { force: true });
  }
}

function layerTar(diffId: string, { layers, inside, operation }: Workshop): AsyncIterable<Uint8Array> {
  return overlayTar({
    prefix: inside.prefix(),
    folder: layers.tree(diffId),
    namespace: inside.rootless ? 'user' : 'trusted',
    signal: operation.signal,
  });
}

/** As it came, but for the layers: what was packed here has digests of its own. */
async function configOf(record: ImageRecord, layers: readonly WrittenBlob[], folders: Folders): Promise<Buffer> {
  const kept = await readFile(join(folders.records, idHex(record.id), 'config.json')).catch(() =>
    composeConfig(record.config ?? NO_CONFIG, record.layers),
  );
  return withDiffIds(
    kept,
    layers.map(({ hex }) => hex),
  );
}

const dockerEntry = ({ names, config, layers }: SavedImage) => ({
  Config: blobName(config.hex),
  RepoTags: names.length > 0 ? names : null,
  Layers: layers.map(({ hex }) => blobName(hex)),
});

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

function requireRootfs({ kind, names }: ImageRecord): void {
  if (kind === 'rootfs') return;
  throw new GuesthouseError({
    code: 'unsupported',
    message: `${names[0]} is a ${kind === 'iso' ? 'CD' : 'disk'} and no archive of layers can hold it.`,
    subject: names[0] as string,
    hint: 'Only images of file trees are saved this way.',
  });
}

async function usableTarget(path: string): Promise<string> {
  if (!path.startsWith('/'))
    throw new GuesthouseError({
      code: 'invalid',
      message: 'The path of the archive must be absolute.',
      subject: 'path',
    });
  const target = resolve(path);
  const there = await lstat(target).catch(() => null);
  if (there && !there.isFile())
    throw new GuesthouseError({
      code: 'invalid',
      message: `${target} is there already and is no file.`,
      subject: target,
      hint: 'Give the name of a new file.',
    });
  return target;
}

function unwritable(target: string, { code, message }: NodeJS.ErrnoException): unknown {
  if (code !== 'ENOENT' && code !== 'EACCES' && code !== 'EROFS' && code !== 'EPERM' && code !== 'ENOTDIR')
    return Object.assign(new Error(message), { code });
  const missing = code === 'ENOENT' || code === 'ENOTDIR';
  return new GuesthouseError({
    code: missing ? 'not-found' : 'denied',
    message: `${target} cannot be written${missing ? ': there is no such folder' : ''}.`,
    subject: target,
    cause: message,
  });
}
