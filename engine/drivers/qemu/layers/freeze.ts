/** Freezes the files of a machine's disks as a layer, all of them or none; and lays empty files over an older layer. */
import { rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { toErrorShape } from '../../../contract/errors.ts';
import { syncFolder } from '../../../host/files.ts';
import { readDiskHeader } from '../../../images/disk-header/index.ts';
import { makeEmptyOverlay } from './empty-overlay.ts';
import {
  fromLayer,
  type ImageDisk,
  type LayerRecord,
  layerPath,
  nextPath,
  readLayers,
  topPath,
  writeLayers,
} from './record.ts';
import { complete, takeBack } from './settle.ts';

export interface Freezing {
  /** `over`: makes the running QEMU use the new files (paths by disk), all of them or none; left out: it does not run. */
  commit(over?: (next: ReadonlyMap<string, string>) => Promise<void>): Promise<LayerRecord>;
  takeBack(): Promise<void>;
}

/**
 * Makes the new files; nothing is changed before `commit`. `layer`: of `take`, the one the disks' files become; of
 * `restore`, the one that is gone back to.
 */
export async function beginLayers(
  kind: 'take' | 'restore',
  home: string,
  layer: string,
  disks: ReadonlyMap<string, ImageDisk | null>,
  signal: AbortSignal,
): Promise<Freezing> {
  const before = await readLayers(home);
  const pending = { kind, layer, disks: [...disks.keys()], ready: false } as const;
  let record = await writeLayers(home, { ...before, pending });
  const giveUp = async () => {
    await takeBack(home, record);
  };
  const next = new Map<string, string>();
  try {
    for (const [disk, image] of disks) {
      const path = nextPath(home, disk, layer);
      await rm(path, { force: true });
      const frozen = layerPath(home, disk, layer);
      const { virtualBytes } = await headOf(home, before, disk, kind === 'take' ? null : layer, image);
      signal.throwIfAborted();
      // Its future name: what it is laid over may still have another.
      await makeEmptyOverlay(path, virtualBytes, basename(frozen));
      await syncFolder(dirname(path));
      next.set(disk, path);
    }
    record = await writeLayers(home, { ...before, pending: { ...pending, ready: true } });
  } catch (error) {
    await giveUp();
    throw error;
  }
  return {
    async commit(over) {
      try {
        await over?.(next);
      } catch (error) {
        // Of a QEMU that did not answer it is not known; it will be asked when it does.
        if (toErrorShape(error).code !== 'timeout') await giveUp();
        throw error;
      }
      return complete(home, record);
    },
    takeBack: giveUp,
  };
}

/** Of a disk's own file (null) or of one of its layers. Throws `bad-data` when it names another behind it than it should. */
function headOf(home: string, record: LayerRecord, disk: string, layer: string | null, image: ImageDisk | null) {
  const behind = layer === null ? record.tops[disk] : record.layers[layer]?.[disk];
  const path = layer === null ? topPath(home, disk) : layerPath(home, disk, layer);
  const backing = fromLayer(home, record, disk, behind ?? null, image);
  return readDiskHeader(path, { as: 'qcow2', ...(backing ? { backing: backing.name } : {}) });
}
