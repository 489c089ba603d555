/** A saved image: its layers into the store one after the other, each digest on the way verified. */
import { basename } from 'node:path';
import { hostArchitecture, parseConfig } from '../config.ts';
import { sha256Hex, wrongDigest } from '../digests.ts';
import type { MadeImage, Workshop } from '../made.ts';
import { acceptableName, nameFromFile } from '../names.ts';
import { withDiffIds } from '../save/documents.ts';
import { requireUsable } from '../usable.ts';
import { type ArchiveIndex, notImage, openArchive } from './archive-index.ts';
import { type ArchiveImage, parseDockerManifest } from './docker-save.ts';
import { readOciLayout } from './oci-layout.ts';

/**
 * `path`: the plain tar; `shownPath`: what the person named. `known`: diff ids in the archive of layers the store has
 * under another, because they were packed anew.
 */
export async function importArchive(
  path: string,
  shownPath: string,
  wished: string | null,
  workshop: Workshop,
  known: ReadonlyMap<string, string> = new Map(),
): Promise<MadeImage> {
  const { operation, layers, work } = workshop;
  operation.progress({ step: `Reading ${basename(shownPath)}`, fraction: null });
  const archive = await openArchive(path, operation.signal);
  try {
    const image = await describe(archive, wished);
    const written = await archive.read(image.config);
    const found = sha256Hex(written);
    if (image.configDigest !== null && image.configDigest !== found)
      throw wrongDigest('configuration', image.configDigest, found);
    const parsed = parseConfig(written);
    const { config, architecture } = parsed;
    const diffIds: string[] = [];
    for (const diffId of parsed.diffIds) {
      const own = known.get(diffId);
      diffIds.push(own !== undefined && (await layers.has(own)) ? own : diffId);
    }
    const isSame = diffIds.every((diffId, at) => diffId === parsed.diffIds[at]);
    const configBlob = isSame ? written : withDiffIds(written, diffIds);
    requireUsable(parsed, image.layers.length, shownPath, notImage);

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
        const damaged = notImage('a layer is damaged');
        await layers.add(counted(stored), { work, signal: operation.signal, expected, damaged });
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
      hex: sha256Hex(configBlob),
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
async function describe(archive: ArchiveIndex, wished: string | null): Promise<ArchiveImage> {
  if (archive.has('manifest.json')) return parseDockerManifest(await archive.read('manifest.json'), wished);
  if (archive.has('index.json')) return readOciLayout(archive, hostArchitecture(), wished);
  throw notImage('it has neither a manifest.json nor an index.json');
}
