/** Disks of a machine: what is asked for (in `GuestSpec`), and what there is. */
import type { IoLimits } from './guest.ts';

/**
 * What a write that the guest believes done has survived. `writeback`: the guest says when it matters (its flushes are
 * kept). `none`: the same past the host's cache. `writethrough`: every write is on the host's disk. `unsafe`: flushes are
 * ignored; a crash of the host can destroy the disk.
 */
export type DiskCache = 'writeback' | 'none' | 'writethrough' | 'unsafe';

/** How a disk is run. */
export interface DiskOptions {
  readonly cache: DiskCache;
  /** What the guest discards (and zeros it writes) takes no room on the host any more. */
  readonly discard: boolean;
}

/** A further disk beside the first. */
export interface MachineDisk extends DiskOptions {
  /**
   * 1 to 20 of `a-z 0-9 - _`, starting with a letter; unique within the guest; not `root` or `cd`. The guest sees it as the
   * disk's serial number: `/dev/disk/by-id/virtio-<name>` in a Linux.
   */
  readonly name: string;
  /**
   * null: empty. The name of a disk image in the store: a difference to it. The absolute path of a disk or partition of
   * the host (`/dev/sdb`): that itself, with everything on it.
   */
  readonly from: string | null;
  /** Of the file; a difference is always qcow2, a disk of the host always raw. */
  readonly format: 'qcow2' | 'raw';
  /** What the guest sees; null: as large as what it is from. */
  readonly sizeGib: number | null;
  readonly readOnly: boolean;
  /** False: it is kept, but the guest does not see it. */
  readonly attached: boolean;
  /** Of its own; null: it counts towards the guest's. */
  readonly io: IoLimits | null;
}

/** How a further disk is when nothing is said of it. */
export const DISK_DEFAULTS = {
  from: null,
  format: 'qcow2',
  sizeGib: null,
  readOnly: false,
  attached: true,
  cache: 'writeback',
  discard: true,
  io: null,
} as const satisfies Omit<MachineDisk, 'name'>;

/** Whether a machine has a first disk of its own. `diskGib`: as in its spec. */
export const hasOwnDisk = ({ diskGib }: { readonly diskGib: number | null }): boolean => diskGib !== 0;

/** Whether it is a disk or partition of the host itself, with no file of ours. */
export const isHostDisk = ({ from }: Pick<MachineDisk, 'from'>): boolean => from?.startsWith('/') ?? false;

/** The further disk that a machine without a disk of its own starts from; undefined: none. */
export const bootDiskOf = (spec: {
  readonly diskGib: number | null;
  readonly disks: readonly MachineDisk[];
}): MachineDisk | undefined => (hasOwnDisk(spec) ? undefined : spec.disks.find(({ attached }) => attached));

/** Names of the drives every machine may have beside its further disks. */
export const ROOT_DISK = 'root';
export const CD_DRIVE = 'cd';

/** A drive as it is now. */
export interface GuestDisk {
  /** `root`, `cd`, or the disk's own name. */
  readonly name: string;
  readonly kind: 'disk' | 'cd' | 'host';
  readonly format: 'qcow2' | 'raw';
  /** Image or path it is from, as shown; null: neither. For a drive: its medium, null while it is empty. */
  readonly from: string | null;
  /** What the guest sees; null: not known, or no medium. */
  readonly sizeBytes: number | null;
  /** What its file takes on the host; null where it has none of its own. */
  readonly usedBytes: number | null;
  readonly readOnly: boolean;
  readonly attached: boolean;
}

/** What `disks.compact` brought: the room on the host before and after (bytes). */
export interface DiskCompacted {
  readonly beforeBytes: number;
  readonly afterBytes: number;
}

/** What `disks.check` found. */
export interface DiskReport {
  readonly state: 'whole' | 'leaks' | 'damaged';
  /** Places that are marked as used and are not: room lost, nothing else. */
  readonly leaks: number;
  /** Places that contradict each other: data are or may become wrong. */
  readonly corruptions: number;
  /** Of each, what was mended just now. */
  readonly leaksFixed: number;
  readonly corruptionsFixed: number;
}
