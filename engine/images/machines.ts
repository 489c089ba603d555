/** What a machine boots from: an imported disk as it is, or a rootfs turned into a disk once. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GuesthouseError } from '../contract/errors.ts';
import type { OperationContext } from '../drivers/driver.ts';
import { exists } from '../host/files.ts';
import type { Log } from '../host/log.ts';
import { type BootFiles, createBootFiles } from './bootfiles.ts';
import type { Layers } from './layers.ts';
import type { Workshop } from './made.ts';
import { type Folders, type ImageRecord, idHex } from './records.ts';
import { makeRootDisk, ROOT_DISK_BYTES } from './rootdisk.ts';
import type { MachineImage } from './store.ts';

export interface Machines {
  prepare(
    record: ImageRecord,
    diskGib: number | null,
    operation: OperationContext,
    inWorkshop: (make: (workshop: Workshop) => Promise<void>) => Promise<void>,
  ): Promise<{ readonly machine: MachineImage; readonly sizeBytes: number }>;
  /** Of the small machine that opens the disks of others. */
  rescue(operation: Pick<OperationContext, 'signal' | 'progress'>): Promise<BootFiles>;
}

export function createMachines(store: { folders: Folders; cache: string; layers: Layers; log: Log }): Machines {
  const bootFiles = createBootFiles(store);
  /** Two guests of one image started together share one making. */
  const making = new Map<string, Promise<void>>();

  async function layersBytes(record: ImageRecord): Promise<number> {
    let sum = 0;
    for (const diffId of new Set(record.layers)) sum += (await store.layers.read(diffId))?.sizeBytes ?? 0;
    return sum;
  }

  /** Whole MiB; refused when the image would not fit in. */
  async function rootDiskBytes(record: ImageRecord, diskGib: number | null): Promise<number> {
    if (diskGib === null) return Math.max(ROOT_DISK_BYTES, await smallestDisk(record));
    const bytes = Math.round(diskGib * 1024) * 1024 ** 2;
    const smallest = await smallestDisk(record);
    if (bytes >= smallest) return bytes;
    throw new GuesthouseError({
      code: 'invalid',
      message: `The image ${record.names[0]} does not fit on a disk of ${diskGib} GiB.`,
      subject: 'diskGib',
      hint: `Ask for ${Math.ceil(smallest / 1024 ** 3)} GiB or more, or leave the size out.`,
    });
  }

  /** Content, a quarter more for the file system itself and for work, and room for the journal. */
  async function smallestDisk(record: ImageRecord): Promise<number> {
    return Math.ceil(((await layersBytes(record)) * 1.25) / 1024 ** 2) * 1024 ** 2 + 64 * 1024 ** 2;
  }

  return {
    rescue: (operation) => bootFiles(operation, 'rescue'),

    async prepare(record, diskGib, operation, inWorkshop) {
      const hex = idHex(record.id);
      if (record.kind === 'iso')
        throw new GuesthouseError({
          code: 'invalid',
          message: `The image ${record.names[0]} is an ISO medium, not a disk.`,
          subject: record.names[0] as string,
          hint: 'Give it with --iso.',
        });
      if (record.kind === 'disk' && record.disk) {
        const path = join(store.folders.files, `${hex}.${record.disk.format}`);
        return { machine: { disk: { path, ...record.disk }, boot: null, config: null }, sizeBytes: record.sizeBytes };
      }

      const bytes = await rootDiskBytes(record, diskGib);
      const path = join(store.folders.rootDisks, bytes === ROOT_DISK_BYTES ? `${hex}.raw` : `${hex}-${bytes}.raw`);
      while (!(await exists(path))) {
        const other = making.get(path);
        if (other) {
          // Its failure or cancellation is its own: then we make the disk ourselves.
          await Promise.race([other.catch(() => {}), aborted(operation.signal)]);
          operation.signal.throwIfAborted();
          continue;
        }
        const mine = inWorkshop((workshop) =>
          makeRootDisk(record.layers.map(store.layers.tree), path, bytes, workshop),
        );
        making.set(path, mine);
        try {
          await mine;
        } finally {
          making.delete(path);
        }
      }
      const boot = await bootFiles(operation);
      let sizeBytes = await layersBytes(record);
      for (const name of await readdir(store.folders.rootDisks))
        if (name.startsWith(hex)) sizeBytes += (await stat(join(store.folders.rootDisks, name))).blocks * 512;
      return {
        machine: {
          disk: { path, format: 'raw', virtualBytes: bytes },
          boot,
          config: record.config,
        },
        sizeBytes,
      };
    },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
