/** A running QEMU goes on in new, empty files laid over those it has: all of its disks at once, or none. */
import type { DiskOptions } from '../../../contract/disk.ts';
import { ROOT_DISK } from '../../../contract/disk.ts';
import type { GuestRecord } from '../../driver.ts';
import { cacheOf, deviceName, ROOT_DEVICE } from '../disk/blockdev.ts';
import { drives } from '../disk/drives.ts';
import type { Qmp } from '../qmp/client.ts';
import { handOver, takeBack } from '../qmp/hand-over.ts';

const device = (disk: string) => (disk === ROOT_DISK ? ROOT_DEVICE : deviceName(disk));

/** `next`: paths by disk. Disks the machine does not have in, or only reads, need nothing. Throws as `execute` does. */
export async function switchOver(
  qmp: Qmp,
  guest: GuestRecord,
  layer: string,
  next: ReadonlyMap<string, string>,
): Promise<void> {
  const all = await drives(qmp);
  const made: { readonly node: string; readonly set: number }[] = [];
  const actions: unknown[] = [];
  try {
    for (const [index, [disk, path]] of [...next].entries()) {
      const below = all.get(device(disk))?.node;
      const options = optionsOf(guest, disk);
      if (!below || options.readOnly) continue;
      const { set, name } = await handOver(qmp, path, 'write');
      // QEMU's names of nodes have 31 characters at most.
      const node = `over-${layer}-${index}`;
      made.push({ node, set });
      await qmp.execute('blockdev-add', overlayNode(node, name, options));
      actions.push({ type: 'blockdev-snapshot', data: { node: below, overlay: node } });
    }
    if (actions.length > 0) await qmp.execute('transaction', { actions });
  } catch (error) {
    for (const { node, set } of made) {
      await qmp.execute('blockdev-del', { 'node-name': node }).catch(() => {});
      await takeBack(qmp, set).catch(() => {});
    }
    throw error;
  }
}

/** Whether QEMU has a file of this name in use; `layer` is a part of it. */
export async function isSwitched(qmp: Qmp, layer: string): Promise<boolean> {
  const sets = (await qmp.execute('query-fdsets')) as { 'fdset-id': number; fds: { opaque?: string }[] }[];
  const files = [...(await drives(qmp)).values()].flatMap((drive) => drive.files);
  return sets.some(
    ({ 'fdset-id': set, fds }) =>
      files.includes(`/dev/fdset/${set}`) && fds.some(({ opaque }) => opaque?.endsWith(`.${layer}.next`)),
  );
}

function optionsOf({ spec }: GuestRecord, disk: string): DiskOptions & { readonly readOnly: boolean } {
  const further = spec.disks.find(({ name }) => name === disk);
  return further ?? { ...spec.diskOptions, readOnly: false };
}

function overlayNode(node: string, filename: string, options: DiskOptions): Record<string, unknown> {
  const cache = cacheOf(options.cache);
  const discard = options.discard ? 'unmap' : 'ignore';
  return {
    driver: 'qcow2',
    'node-name': node,
    cache,
    discard,
    'detect-zeroes': options.discard ? 'unmap' : 'off',
    file: { driver: 'file', filename, cache, discard },
    // The transaction puts it over what is there.
    backing: null,
  };
}
