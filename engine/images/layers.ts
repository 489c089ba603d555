/**
 * Unpacked layers, shared between images: `layers/<diff id>/tree` and `layer.json` beside it. A layer is made in a work
 * folder and renamed into place, so one that exists is whole; after a loss of power only one that a record speaks of,
 * because the store makes layers durable once per image, before its record.
 */
import { chmod, mkdir, readdir, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GuesthouseError } from '../contract/errors.ts';
import { exists, readJson } from '../host/files.ts';
import { run } from '../host/process.ts';
import { isSpaceError } from '../host/space.ts';
import { SCAN_LIMITS, type ScanLimits } from './archive/layer-scan.ts';
import { type MarkNamespace, needsMarks, writeMarks } from './archive/marks.ts';
import { wrongDigest } from './digests.ts';
import { bounded, type Inside } from './inside.ts';

export interface Layer {
  readonly version: 1;
  readonly diffId: string;
  /** On the host's disk, as far as the archive tells: asking the disk itself takes a program for each layer. */
  readonly sizeBytes: number;
  readonly entries: number;
  readonly notes: readonly string[];
}

/** One layer has at most this long to be unpacked (ms). */
const UNPACK_TIMEOUT_MS = 30 * 60_000;

export interface Layers {
  tree(diffId: string): string;
  read(diffId: string): Promise<Layer | null>;
  has(diffId: string): Promise<boolean>;
  list(): Promise<readonly string[]>;
  /** Unpacks a plain tar. `expected`: the diff id it must have. An equal layer that exists is kept. */
  add(
    source: AsyncIterable<Uint8Array>,
    options: { work: string; signal: AbortSignal; expected?: string; limits?: ScanLimits },
  ): Promise<Layer>;
  remove(diffId: string): Promise<void>;
  /** Makes all layers survive a loss of power. */
  sync(): Promise<void>;
}

export function createLayers(root: string, inside: Inside): Layers {
  const folder = (diffId: string) => join(root, diffId);

  const read = (diffId: string) => readJson<Layer>(join(folder(diffId), 'layer.json'));
  return {
    read,
    tree: (diffId) => join(folder(diffId), 'tree'),
    has: (diffId) => exists(join(folder(diffId), 'layer.json')),
    list: async () => (await readdir(root)).filter((name) => /^[0-9a-f]{64}$/.test(name)),
    remove: (diffId) => inside.removeTree(folder(diffId)),
    sync: () => inside.sync(root),

    async add(source, { work, signal, expected, limits }) {
      const made = join(work, 'layer');
      const plain = join(work, 'layer.tar');
      const marksTar = join(work, 'marks.tar');
      const tree = join(made, 'tree');
      try {
        await mkdir(tree, { recursive: true, mode: 0o700 });
        await chmod(tree, 0o755); // whatever the umask says: it becomes `/` of a guest
        const { bavail, bsize } = await statfs(work);
        const { filterLayer } = await import('./archive/layer-filter.ts');
        const { diffId, marks } = await filterLayer(bounded(source, UNPACK_TIMEOUT_MS), plain, {
          signal,
          // The copy and what is unpacked of it are there at the same time.
          limits: { roomBytes: Math.floor((bavail * bsize) / 2), ...(limits ?? SCAN_LIMITS) },
        });
        if (expected !== undefined && diffId !== expected) throw wrongDigest('layer', expected, diffId);
        const before = await read(diffId);
        if (before) return before;

        await inside.ensure();
        const argv = [...inside.prefix(), ...unpackArgv(plain, tree, !(await inside.singleId()))];
        await run(argv, { signal, timeoutMs: UNPACK_TIMEOUT_MS }).catch((error) => {
          throw isSpaceError(error) ? error : unpackable(error);
        });
        if (needsMarks(marks)) {
          const namespace: MarkNamespace = inside.rootless ? 'user' : 'trusted';
          await writeMarks(marks, namespace, marksTar);
          await run([...inside.prefix(), ...marksArgv(marksTar, tree, namespace)], { signal });
        }
        const layer: Layer = {
          version: 1,
          diffId,
          sizeBytes: marks.diskBytes,
          entries: marks.entries,
          notes: marks.devicesLeftOut > 0 ? [`${marks.devicesLeftOut} device nodes of the image were left out.`] : [],
        };
        await writeFile(join(made, 'layer.json'), JSON.stringify(layer), { mode: 0o600 });
        // An import of the same layer at the same moment may have been faster.
        await rename(made, folder(diffId)).catch(async (error: NodeJS.ErrnoException) => {
          if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
        });
        return layer;
      } finally {
        await rm(plain, { force: true });
        await rm(marksTar, { force: true });
        if (await exists(made)) await inside.removeTree(made);
      }
    },
  };
}

/** The scan passed it and tar did not: the layer contradicts itself, e.g. a file where it wants a folder. */
function unpackable(thrown: unknown): unknown {
  if (!(thrown instanceof GuesthouseError) || thrown.code !== 'internal') return thrown;
  return new GuesthouseError({
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
function unpackArgv(file: string, tree: string, owners: boolean): readonly string[] {
  return [
    'tar',
    '--extract',
    `--file=${file}`,
    // It reads and writes in records of this many blocks of 512 bytes; its own 20 cost thousands of calls.
    '--blocking-factor=1024',
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
