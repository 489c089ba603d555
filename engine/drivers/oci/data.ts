/** A container's own data as a whole: copied to another, given out as a layer, made of one. */
import { join } from 'node:path';
import { createInside } from '../../images/inside.ts';
import { unpackTree } from '../../volumes/carry.ts';
import { copyTree } from '../../volumes/copy-tree.ts';
import type { Driver, DriverContext } from '../driver.ts';
import { changedLayer } from './changed-layer.ts';
import { makeRootfsFolders, removeRootfs, rootfsFolders } from './rootfs.ts';

type DataPowers = Required<Pick<Driver, 'dataKind' | 'exportData' | 'importData' | 'copyData'>>;

export function dataPowers(context: DriverContext): DataPowers {
  const { house, paths } = context;
  return {
    dataKind: 'layer',
    exportData: (guest, { signal }) => changedLayer(context, guest, { signal }),

    async importData(guest, source, operation) {
      operation.undo.defer('the container folders', () => removeRootfs(house, paths, guest.id));
      await makeRootfsFolders(paths, guest.id);
      const { upper, work } = rootfsFolders(paths, guest.id);
      // In a folder that goes with the guest, whatever happens.
      await unpackTree(createInside(house), source, upper, join(work, 'import'), operation);
    },

    async copyData(from, to, operation) {
      operation.undo.defer('the container folders', () => removeRootfs(house, paths, to.id));
      await makeRootfsFolders(paths, from.id); // one that never ran has none
      await makeRootfsFolders(paths, to.id);
      const [source, target] = [from, to].map(({ id }) => rootfsFolders(paths, id).upper) as [string, string];
      await copyTree(createInside(house), source, target, 'Copying what it wrote', operation);
    },
  };
}
