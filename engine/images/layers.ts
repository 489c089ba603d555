/**
 * Unpacked layers, shared between images: `layers/<diff id>/tree` and `layer.json` beside it. A layer is made in a work
 * folder and renamed into place, so one that exists is whole; after a loss of power only one that a record speaks of,
 * because the store makes layers durable once per image, before its record.
 */
import { chmod, mkdir, readdir, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type GuesthouseError, toErrorShape } from '../contract/errors.ts';
import { exists, readJson } from '../host/files.ts';
import { syncDisk } from '../host/sync-disk.ts';
import { SCAN_LIMITS, type ScanLimits } from './archive/layer-scan.ts';
import type { Inside } from './inside.ts';

export interface Layer {
  readonly version: 1;
  readonly diffId: string;
  /** On the host's disk, as far as the archive tells: asking the disk itself takes a program for each layer. */
  readonly sizeBytes: number;
  readonly entries: number;
  readonly notes: readonly string[];
}

export interface Layers {
  tree(diffId: string): string;
  read(diffId: string): Promise<Layer | null>;
  has(diffId: string): Promise<boolean>;
  list(): Promise<readonly string[]>;
  /**
   * Unpacks a tar. `expected`: the diff id it must have. `damaged`: it may be squeezed (gzip, zstd), and this is thrown
   * when it cannot be inflated. An equal layer that exists is kept. The pieces stay the caller's.
   */
  add(
    source: AsyncIterable<Uint8Array>,
    options: {
      work: string;
      signal: AbortSignal;
      expected?: string;
      damaged?: GuesthouseError;
      limits?: ScanLimits;
    },
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
    sync: () => syncDisk(root),

    async add(source, { work, signal, expected, damaged, limits }) {
      const made = join(work, 'layer');
      const marksTar = join(work, 'marks.tar');
      const tree = join(made, 'tree');
      try {
        await mkdir(tree, { recursive: true, mode: 0o700 });
        await chmod(tree, 0o755); // whatever the umask says: it becomes `/` of a guest
        const { bavail, bsize } = await statfs(work);
        await inside.ensure();
        const { unpackInThread } = await import('./unpack/thread.ts');
        const { diffId, diskBytes, entries, devicesLeftOut } = await unpackInThread(
          source,
          {
            tree,
            marksTar,
            prefix: inside.prefix(),
            rootless: inside.rootless,
            owners: !(await inside.singleId()),
            limits: { roomBytes: bavail * bsize, ...(limits ?? SCAN_LIMITS) },
            expected: expected ?? null,
            damaged: damaged ? toErrorShape(damaged) : null,
          },
          signal,
        );
        const before = await read(diffId);
        if (before) return before;
        const layer: Layer = {
          version: 1,
          diffId,
          sizeBytes: diskBytes,
          entries,
          notes: devicesLeftOut > 0 ? [`${devicesLeftOut} device nodes of the image were left out.`] : [],
        };
        await writeFile(join(made, 'layer.json'), JSON.stringify(layer), { mode: 0o600 });
        // An import of the same layer at the same moment may have been faster.
        await rename(made, folder(diffId)).catch(async (error: NodeJS.ErrnoException) => {
          if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
        });
        return layer;
      } finally {
        await rm(marksTar, { force: true });
        if (await exists(made)) await inside.removeTree(made);
      }
    },
  };
}
