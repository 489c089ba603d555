/** A file of the host becomes an image: what it is decides how. */
import { createReadStream } from 'node:fs';
import { chmod, open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { GuesthouseError } from '../../contract/errors.ts';
import { requireSpace } from '../../host/space.ts';
import { hostArchitecture } from '../config.ts';
import { parseQcow2 } from '../disk-header/qcow2.ts';
import type { MadeImage, Workshop } from '../made.ts';
import { nameFromFile } from '../names.ts';
import { importArchive } from './archive.ts';
import { copyInto } from './copy.ts';
import { detectContent, detectFile, notAnImage } from './detect.ts';

/** An archive that unpacks to more than this is not an image (bytes). */
const MAX_ARCHIVE_BYTES = 128 * 1024 ** 3;

/** `wished`: full name asked for, or null to take the archive's or file's own. */
export async function importFile(path: string, wished: string | null, workshop: Workshop): Promise<MadeImage> {
  const { kind, sizeBytes, head } = await detectFile(path);
  switch (kind) {
    case 'tar':
      return importArchive(path, path, wished, workshop);
    case 'gzip':
    case 'zstd':
      return importArchive(await decompress(path, kind, workshop), path, wished, workshop);
    case 'iso':
      return takeFile(path, wished, workshop, 'iso', null);
    case 'qcow2':
      return takeFile(path, wished, workshop, 'qcow2', parseQcow2(head, sizeBytes).virtualBytes);
    case 'raw':
      return takeFile(path, wished, workshop, 'raw', Math.ceil(sizeBytes / 512) * 512);
  }
}

async function takeFile(
  path: string,
  wished: string | null,
  { work, operation }: Workshop,
  ending: 'iso' | 'qcow2' | 'raw',
  virtualBytes: number | null,
): Promise<MadeImage> {
  const copy = join(work, `copy.${ending}`);
  const hex = await copyInto(path, copy, `Copying ${basename(path)}`, operation);
  // Judged again as copied: the file could have been another one by now.
  if (ending !== 'iso') {
    const { kind, sizeBytes, head } = await detectFile(copy);
    if (kind !== ending || (kind === 'qcow2' && parseQcow2(head, sizeBytes).virtualBytes !== virtualBytes))
      throw new GuesthouseError({ code: 'conflict', message: `${path} changed while it was copied.`, subject: path });
  }
  await chmod(copy, 0o400);
  return {
    hex,
    kind: ending === 'iso' ? 'iso' : 'disk',
    name: wished ?? nameFromFile(path),
    origin: `imported from ${basename(path)}`,
    builder: null,
    architecture: hostArchitecture(),
    config: null,
    layers: [],
    disk: ending === 'iso' ? null : { format: ending, virtualBytes: virtualBytes ?? 0 },
    file: { path: copy, ending },
    configBlob: null,
  };
}

/** A compressed archive is read in any order later, so it is unpacked into the work folder first. */
async function decompress(path: string, kind: 'gzip' | 'zstd', { work, operation }: Workshop): Promise<string> {
  const plain = join(work, 'archive.tar');
  operation.progress({ step: `Unpacking ${basename(path)}`, fraction: null });
  const file = await open(plain, 'wx', 0o600);
  let bytes = 0;
  let judged = false;
  try {
    await pipeline(
      createReadStream(path),
      kind === 'gzip' ? createGunzip() : createZstdDecompress(),
      async (source: AsyncIterable<Buffer>) => {
        for await (const chunk of source) {
          if (!judged && chunk.length >= 512) {
            judged = true;
            if (detectContent(chunk) !== 'tar') throw notAnImage(path, 'a compressed file without an archive in it');
          }
          bytes += chunk.length;
          if (bytes > MAX_ARCHIVE_BYTES) throw notAnImage(path, 'a compressed file that never ends');
          await file.writeFile(chunk);
        }
      },
      { signal: operation.signal },
    );
  } catch (error) {
    if (
      String((error as NodeJS.ErrnoException).code).startsWith('Z_') ||
      /zstd/i.test(String((error as Error).message))
    )
      throw notAnImage(path, 'a damaged compressed file');
    throw error;
  } finally {
    await file.close();
  }
  await requireSpace(work, bytes, `importing ${basename(path)}`);
  return plain;
}
