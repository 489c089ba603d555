/** What a machine boots from: an imported disk as it is, or a rootfs turned into a disk once. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GuesthouseError } from '../contract/errors.ts';
import type { OperationContext } from '../drivers/driver.ts';
import { exists } from '../host/files.ts';
import type { Log } from '../host/log.ts';
import { bootFiles } from './bootfiles.ts';
import type { Layers } from './layers.ts';
import type { Workshop } from './made.ts';
import { type Folders, type ImageRecord, idHex } from './records.ts';
import { makeRootDisk, ROOT_DISK_BYTES } from './rootdisk.ts';
import type { MachineImage } from './store.ts';

export interface Machines {
  prepare(
    record: ImageRecord,
    operation: OperationContext,
    inWorkshop: (make: (workshop: Workshop) => Promise<void>) => Promise<void>,
  ): Promise<{ readonly machine: MachineImage; readonly sizeBytes: number }>;
}

export function createMachines(store: { folders: Folders; cache: string; layers: Layers; log: Log }): Machines {
  /** Two guests of one image started together share one making. */
  const making = new Map<string, Promise<void>>();

  return {
    async prepare(record, operation, inWorkshop) {
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

      const path = join(store.folders.rootDisks, `${hex}.raw`);
      while (!(await exists(path))) {
        const other = making.get(hex);
        if (other) {
          // Its failure or cancellation is its own: then we make the disk ourselves.
          await Promise.race([other.catch(() => {}), aborted(operation.signal)]);
          operation.signal.throwIfAborted();
          continue;
        }
        const mine = inWorkshop((workshop) => makeRootDisk(record.layers.map(store.layers.tree), path, workshop));
        making.set(hex, mine);
        try {
          await mine;
        } finally {
          making.delete(hex);
        }
      }
      const boot = await bootFiles({ ...store, signal: operation.signal, progress: operation.progress });
      let sizeBytes = (await stat(path)).blocks * 512;
      for (const diffId of new Set(record.layers)) sizeBytes += (await store.layers.read(diffId))?.sizeBytes ?? 0;
      return {
        machine: {
          disk: { path, format: 'raw', virtualBytes: ROOT_DISK_BYTES },
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
