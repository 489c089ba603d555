/** A saved image: its layers into the store one after the other, each digest on the way verified. */
import { basename } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { GuesthouseError } from '../../contract/errors.ts';
import { hostArchitecture, parseConfig } from '../config.ts';
import { sha256Hex, wrongDigest } from '../digests.ts';
import type { MadeImage, Workshop } from '../made.ts';
import { acceptableName, nameFromFile } from '../names.ts';
import { type ArchiveIndex, notImage, openArchive } from './archive-index.ts';
import { type ArchiveImage, parseDockerManifest } from './docker-save.ts';
import { readOciLayout } from './oci-layout.ts';

/** Overlayfs takes 500 lower folders, Docker's own limit is 127. */
const MAX_LAYERS = 127;

/** `path`: the plain tar; `shownPath`: what the person named. */
export async function importArchive(
  path: string,
  shownPath: string,
  wished: string | null,
  workshop: Workshop,
): Promise<MadeImage> {
  const { operation, layers, work } = workshop;
  operation.progress({ step: `Reading ${basename(shownPath)}`, fraction: null });
  const archive = await openArchive(path, operation.signal);
  try {
    const image = await describe(archive);
    const configBlob = await archive.read(image.config);
    const hex = sha256Hex(configBlob);
    if (image.configDigest !== null && image.configDigest !== hex)
      throw wrongDigest('configuration', image.configDigest, hex);
    const { config, architecture, diffIds } = parseConfig(configBlob);
    if (architecture !== hostArchitecture())
      throw new GuesthouseError({
        code: 'unsupported',
        message: `The image is made for ${architecture}, and this host is ${hostArchitecture()}.`,
        subject: shownPath,
        hint: `Save it with --platform linux/${hostArchitecture()}.`,
      });
    if (image.layers.length !== diffIds.length) throw notImage('its configuration and manifest disagree');
    if (diffIds.length === 0) throw notImage('it has no layers');
    if (diffIds.length > MAX_LAYERS) throw notImage(`it has more than ${MAX_LAYERS} layers`);

    const sizes = image.layers.map(({ member }) => archive.sizeOf(member) ?? 0);
    const bytesTotal = sizes.reduce((sum, size) => sum + size, 0);
    let bytesDone = 0;
    for (const [at, { member, digest, sizeBytes }] of image.layers.entries()) {
      const step = `Unpacking layer ${at + 1} of ${diffIds.length}`;
      const expected = diffIds[at] as string;
      operation.progress({ step, fraction: bytesTotal > 0 ? bytesDone / bytesTotal : null, bytesDone, bytesTotal });
      if (!(await layers.has(expected))) {
        const stored = archive.stream(
          member,
          digest === null ? undefined : { digest, ...(sizeBytes === null ? {} : { sizeBytes }) },
        );
        await layers.add(decompressed(counted(stored)), { work, signal: operation.signal, expected });
      }
      bytesDone += sizes[at] as number;

      async function* counted(source: AsyncIterable<Uint8Array>) {
        let told = 0;
        let inLayer = 0;
        for await (const chunk of source) {
          inLayer += chunk.length;
          if (performance.now() - told > 100) {
            told = performance.now();
            const done = bytesDone + inLayer;
            operation.progress({ step, fraction: done / bytesTotal, bytesDone: done, bytesTotal });
          }
          yield chunk;
        }
      }
    }
    const own = image.names.map(acceptableName).find((name) => name !== null);
    return {
      hex,
      kind: 'rootfs',
      name: wished ?? own ?? nameFromFile(shownPath),
      origin: `imported from ${basename(shownPath)}`,
      builder: null,
      architecture,
      config,
      layers: diffIds,
      disk: null,
      file: null,
      configBlob,
    };
  } finally {
    await archive.close();
  }
}

/** Docker since 25 writes both formats into one archive; they name the same blobs. */
async function describe(archive: ArchiveIndex): Promise<ArchiveImage> {
  if (archive.has('manifest.json')) return parseDockerManifest(await archive.read('manifest.json'));
  if (archive.has('index.json')) return readOciLayout(archive, hostArchitecture());
  throw notImage('it has neither a manifest.json nor an index.json');
}

/** By the stream's first bytes: the media type is only what somebody wrote. */
async function* decompressed(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done) return;
  const whole = (async function* () {
    yield first.value;
    yield* { [Symbol.asyncIterator]: () => iterator };
  })();
  const magic = Buffer.from(first.value.subarray(0, 4)).toString('latin1');
  const unpacker = magic.startsWith('\x1f\x8b')
    ? createGunzip()
    : magic === '(\xb5/\xfd'
      ? createZstdDecompress()
      : null;
  if (unpacker === null) {
    yield* whole;
    return;
  }
  let failure: unknown = null;
  pipeline(Readable.from(whole), unpacker, (error) => {
    failure = error;
  });
  try {
    for await (const chunk of unpacker) yield chunk as Buffer;
  } catch (error) {
    const thrown = failure ?? error;
    if (thrown instanceof GuesthouseError) throw thrown;
    throw notImage('a layer is damaged');
  }
}
