/** What guests read of an image: a container its layers, a machine its medium. */
import { join } from 'node:path';
import { GuesthouseError } from '../contract/errors.ts';
import type { Layers } from './layers.ts';
import { type Folders, type ImageRecord, idHex } from './records.ts';
import type { ImageStore } from './store.ts';

export function createReading({
  byId,
  layers,
  folders,
}: {
  /** Throws `not-found`. */
  byId(id: string): ImageRecord;
  layers: Layers;
  folders: Folders;
}): Pick<ImageStore, 'rootfs' | 'iso'> {
  return {
    async rootfs(imageId) {
      const record = byId(imageId);
      if (record.kind !== 'rootfs' || !record.config)
        throw new GuesthouseError({
          code: 'unsupported',
          message: `The image ${record.names[0]} is a ${record.kind === 'iso' ? 'CD' : 'disk'} and cannot be a container.`,
          subject: record.names[0] as string,
          hint: 'Make a virtual machine from it.',
        });
      return { layers: [...record.layers].reverse().map(layers.tree), config: record.config };
    },

    async iso(imageId) {
      const record = byId(imageId);
      if (record.kind !== 'iso')
        throw new GuesthouseError({
          code: 'invalid',
          message: `The image ${record.names[0]} is not an ISO medium.`,
          subject: record.names[0] as string,
        });
      return join(folders.files, `${idHex(record.id)}.iso`);
    },
  };
}
