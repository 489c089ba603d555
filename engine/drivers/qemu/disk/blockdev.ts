/** Disks as QEMU's block layer and its devices are told of them (qapi/block-core.json). Pure. */
import type { DiskCache, DiskOptions } from '../../../contract/disk.ts';

export interface BaseFile {
  readonly file: string;
  readonly format: 'qcow2' | 'raw';
  /** What it is the difference to itself. Left out: nothing. */
  readonly base?: BaseFile | null;
}

/** A further disk with its files opened: names are QEMU's (`/dev/fdset/N`). */
export interface OpenedDisk extends DiskOptions {
  readonly name: string;
  readonly file: string;
  readonly format: 'qcow2' | 'raw';
  /** What it is the difference to. */
  readonly base: BaseFile | null;
  /** A disk of the host itself. */
  readonly isHost: boolean;
  readonly readOnly: boolean;
}

/** Names in QEMU of a further disk's node and device. */
export const nodeName = (name: string) => `disk-${name}`;
export const deviceName = nodeName;
/** The other way: what the guest's own record calls it. */
export const diskOf = (device: string) => device.replace(/^disk-/, '');
/** And of the drives every machine has. */
export const ROOT_DEVICE = 'root';
export const CD_DEVICE = 'cd';

/** Arguments of `blockdev-add`. */
export function blockdev(disk: OpenedDisk): Record<string, unknown> {
  const { name, file, format, base, isHost, readOnly, discard } = disk;
  const unmap = discard && !readOnly ? 'unmap' : 'ignore';
  const cache = cacheOf(disk.cache);
  return {
    driver: format,
    'node-name': nodeName(name),
    'read-only': readOnly,
    cache,
    discard: unmap,
    'detect-zeroes': unmap === 'unmap' ? 'unmap' : 'off',
    file: {
      driver: isHost ? 'host_device' : 'file',
      filename: file,
      'read-only': readOnly,
      cache,
      discard: unmap,
      // Somebody else's lock is heard of now, not when it is too late.
      locking: 'on',
    },
    ...(format === 'qcow2' ? { backing: base && readOnlyNode(base) } : {}),
  };
}

/** A file nobody writes; what it names behind it is not believed. */
export function readOnlyNode({ format, file, base }: BaseFile): Record<string, unknown> {
  return {
    driver: format,
    'read-only': true,
    // A machine whose disk became a layer while it ran keeps the lock it wrote under, and writes to it no more.
    ...(format === 'qcow2' ? { 'force-share': true } : {}),
    file: { driver: 'file', filename: file },
    ...(format === 'qcow2' ? { backing: base ? readOnlyNode(base) : null } : {}),
  };
}

/** Arguments of `device_add`; on the command line as JSON. */
export function diskDevice({
  name,
  cache,
  discard,
}: OpenedDisk): { driver: string; id: string } & Record<string, unknown> {
  return {
    driver: 'virtio-blk-pci',
    id: deviceName(name),
    drive: nodeName(name),
    serial: name,
    'write-cache': cache === 'writethrough' ? 'off' : 'on',
    discard,
  };
}

export function cacheOf(cache: DiskCache): { direct: boolean; 'no-flush': boolean } {
  return { direct: cache === 'none', 'no-flush': cache === 'unsafe' };
}
