/** A file of the host becomes an image: what it is decides how. */
import { chmod } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { GuesthouseError, toErrorShape } from '../../contract/errors.ts';
import { hostArchitecture } from '../config.ts';
import { convertDisk } from '../convert/convert.ts';
import { withDisk } from '../convert/open.ts';
import type { DiskFormat } from '../disk-header/index.ts';
import { parseQcow2 } from '../disk-header/qcow2.ts';
import type { MadeImage, Workshop } from '../made.ts';
import { lookAtMedium } from '../medium/look.ts';
import { nameFromFile } from '../names.ts';
import { importArchive } from './archive.ts';
import { copyInto, digestOf } from './copy.ts';
import { detectFile, notAnImage } from './detect.ts';
import { unpackInto } from './unpack.ts';

/** A disk in a compressed file in a compressed file is a joke. */
const MAX_WRAPPINGS = 1;

/** `wished`: full name asked for, or null to take the archive's or file's own. */
export function importFile(path: string, wished: string | null, workshop: Workshop): Promise<MadeImage> {
  return importAs(path, path, wished, workshop, 0);
}

/** A file in the work folder, which becomes the image itself. `shownPath`: what it is called for people. */
export function importOwn(path: string, shownPath: string, wished: string, workshop: Workshop): Promise<MadeImage> {
  return importAs(path, shownPath, wished, workshop, 0);
}

/** `shownPath`: what the person named; `path` may be a copy of it. */
async function importAs(
  path: string,
  shownPath: string,
  wished: string | null,
  workshop: Workshop,
  wrappings: number,
): Promise<MadeImage> {
  const { kind, sizeBytes, head } = await detectFile(path).catch((error) => {
    throw path === shownPath ? error : toldOf(error, path, shownPath);
  });
  switch (kind) {
    case 'tar':
      return importArchive(path, shownPath, wished, workshop);
    case 'gzip':
    case 'zstd':
    case 'xz': {
      if (wrappings === MAX_WRAPPINGS) throw notAnImage(shownPath, 'compressed more than once');
      // An archive is read in any order later, a disk anyway.
      const plain = join(workshop.work, 'unpacked');
      await unpackInto({ path, sizeBytes }, kind, plain, shownPath, workshop);
      return importAs(plain, shownPath, wished, workshop, wrappings + 1);
    }
    case 'iso':
      await requireWholeMedium(path, shownPath);
      return takeFile(path, shownPath, wished, workshop, 'iso', null);
    case 'qcow2':
      return takeFile(path, shownPath, wished, workshop, 'qcow2', parseQcow2(head, sizeBytes).virtualBytes);
    case 'raw':
      return takeFile(path, shownPath, wished, workshop, 'raw', Math.ceil(sizeBytes / 512) * 512);
    case 'vmdk':
    case 'vdi':
    case 'vpc':
    case 'vhdx':
      return convertFile(path, shownPath, wished, workshop, kind);
  }
}

async function convertFile(
  path: string,
  shownPath: string,
  wished: string | null,
  workshop: Workshop,
  format: DiskFormat,
): Promise<MadeImage> {
  const converted = join(workshop.work, 'converted.qcow2');
  await withDisk(path, format, (source) =>
    convertDisk(
      { source, target: converted, step: `Converting ${basename(shownPath)}` },
      workshop.inside,
      workshop.operation,
    ),
  );
  const { sizeBytes, head } = await detectFile(converted);
  const virtualBytes = parseQcow2(head, sizeBytes).virtualBytes;
  return takeFile(converted, shownPath, wished, workshop, 'qcow2', virtualBytes);
}

/** What is wrong with an unpacked file is told of the one that was named. */
function toldOf(error: unknown, path: string, shownPath: string): unknown {
  if (!(error instanceof GuesthouseError)) return error;
  const { code, message, hint, cause } = error;
  return new GuesthouseError({
    code,
    message: message.replace(path, `What is in ${shownPath}`),
    subject: shownPath,
    ...(cause === undefined ? {} : { cause }),
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Said when it is taken in, not first when a machine is to start from it. Throws `bad-data` when it is cut off. */
async function requireWholeMedium(path: string, shownPath: string): Promise<void> {
  await lookAtMedium(path).catch((error) => {
    const shape = toErrorShape(error);
    throw new GuesthouseError({ ...shape, message: shape.message.replace(path, shownPath), subject: shownPath });
  });
}

async function takeFile(
  path: string,
  shownPath: string,
  wished: string | null,
  { work, operation }: Workshop,
  ending: 'iso' | 'qcow2' | 'raw',
  virtualBytes: number | null,
): Promise<MadeImage> {
  // What was unpacked or converted is ours already.
  const isOurs = path !== shownPath;
  const copy = isOurs ? path : join(work, `copy.${ending}`);
  const hex = isOurs
    ? await digestOf(path, `Reading ${basename(shownPath)}`, operation)
    : await copyInto(path, copy, `Copying ${basename(shownPath)}`, operation);
  // Judged again as copied: the file could have been another one by now.
  if (ending !== 'iso') {
    const { kind, sizeBytes, head } = await detectFile(copy);
    if (kind !== ending || (kind === 'qcow2' && parseQcow2(head, sizeBytes).virtualBytes !== virtualBytes))
      throw new GuesthouseError({
        code: 'conflict',
        message: `${shownPath} changed while it was copied.`,
        subject: shownPath,
      });
  }
  await chmod(copy, 0o400);
  return {
    hex,
    kind: ending === 'iso' ? 'iso' : 'disk',
    name: wished ?? nameFromFile(shownPath),
    origin: `imported from ${basename(shownPath)}`,
    builder: null,
    architecture: hostArchitecture(),
    config: null,
    layers: [],
    disk: ending === 'iso' ? null : { format: ending, virtualBytes: virtualBytes ?? 0 },
    file: { path: copy, ending },
    configBlob: null,
  };
}
