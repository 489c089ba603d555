/**
 * A layer's bytes to files: inflated, hashed, judged entry by entry, and handed to GNU tar as they are judged. What was
 * unpacked when something turns out wrong is for the caller to throw away.
 */
import { dirname } from 'node:path';
import { GuesthouseError } from '../../contract/errors.ts';
import { feedTo } from '../../host/feed.ts';
import { run } from '../../host/process.ts';
import { isSpaceError } from '../../host/space.ts';
import { syncDisk } from '../../host/sync-disk.ts';
import { decompressed } from '../archive/decompress.ts';
import { filterLayer } from '../archive/layer-filter.ts';
import { type MarkNamespace, needsMarks, writeMarks } from '../archive/marks.ts';
import { wrongDigest } from '../digests.ts';
import { bounded } from '../inside.ts';
import type { Unpacked, UnpackOrder } from './protocol.ts';
import { createWriteback } from './writeback.ts';

/** One layer has at most this long to be unpacked (ms). */
const UNPACK_TIMEOUT_MS = 30 * 60_000;

/** No process of it is left when it settles. Throws `bad-data`, `resources`, `timeout`, `cancelled`. */
export async function unpackLayer(
  source: AsyncIterable<Uint8Array>,
  order: UnpackOrder,
  signal: AbortSignal,
): Promise<Unpacked> {
  const { tree, marksTar, prefix, owners, limits, expected, damaged } = order;
  const plain = damaged === null ? source : decompressed(source, () => new GuesthouseError(damaged));
  const writeback = createWriteback(() => syncDisk(dirname(tree)));
  const tar = feedTo([...prefix, ...unpackArgv(tree, owners)], { signal, timeoutMs: UNPACK_TIMEOUT_MS });
  try {
    const { diffId, marks } = await filterLayer(
      bounded(plain, UNPACK_TIMEOUT_MS),
      async (pieces) => {
        await tar.write(pieces).catch(unpackable);
        writeback.given(pieces.reduce((sum, { length }) => sum + length, 0));
      },
      { signal, limits },
    );
    if (expected !== null && diffId !== expected) throw wrongDigest('layer', expected, diffId);
    await tar.end().catch(unpackable);
    if (needsMarks(marks)) {
      const namespace: MarkNamespace = order.rootless ? 'user' : 'trusted';
      await writeMarks(marks, namespace, marksTar);
      await run([...prefix, ...marksArgv(marksTar, tree, namespace)], { signal });
    }
    const { entries, diskBytes, devicesLeftOut } = marks;
    return { diffId, entries, diskBytes, devicesLeftOut };
  } finally {
    await tar.stop();
    await writeback.end();
  }
}

/** The scan passed it and tar did not: the layer contradicts itself, e.g. a file where it wants a folder. */
function unpackable(thrown: unknown): never {
  if (isSpaceError(thrown) || !(thrown instanceof GuesthouseError) || thrown.code !== 'internal') throw thrown;
  throw new GuesthouseError({
    code: 'bad-data',
    message: 'A layer of the image cannot be unpacked.',
    ...(thrown.cause ? { cause: thrown.cause } : {}),
    hint: 'The archive is damaged, or made in an unusual way. Nothing of it was kept.',
  });
}

/**
 * GNU tar: names are never resolved outside the folder (no `-P`), links that point out are made last. Attributes of
 * the overlay file system itself are not an image's to set.
 */
function unpackArgv(tree: string, owners: boolean): readonly string[] {
  return [
    'tar',
    '--extract',
    '--file=-',
    // It reads and writes in records of this many blocks of 512 bytes; its own 20 cost thousands of calls.
    '--blocking-factor=1024',
    '--read-full-records',
    `--directory=${tree}`,
    '--numeric-owner',
    owners ? '--same-owner' : '--no-same-owner',
    '--preserve-permissions',
    '--xattrs',
    '--xattrs-include=*',
    '--xattrs-exclude=trusted.*',
    '--xattrs-exclude=user.overlay.*',
    '--no-acls',
    '--no-selinux',
    '--delay-directory-restore',
    '--warning=no-timestamp',
    '--warning=no-unknown-keyword',
  ];
}

function marksArgv(file: string, tree: string, namespace: MarkNamespace): readonly string[] {
  return [
    'tar',
    '--extract',
    `--file=${file}`,
    `--directory=${tree}`,
    '--numeric-owner',
    '--same-owner',
    '--preserve-permissions',
    '--xattrs',
    `--xattrs-include=${namespace}.overlay.opaque`,
    '--delay-directory-restore',
    '--warning=no-timestamp',
  ];
}
