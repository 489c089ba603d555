/** Disks and partitions of the host, and what uses them (Linux: /proc and /sys). */
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

export interface BlockDevice {
  /** After all links: `/dev/sdb1` for `/dev/disk/by-id/…`. */
  readonly path: string;
  /** The disk it is a partition of; null: it is none. */
  readonly partOf: string | null;
  readonly sizeBytes: number;
  /** Why it must not be given away, as a part of a sentence: `/srv is mounted from it`. null: nothing uses it. */
  readonly usedBy: string | null;
}

const SECTOR_BYTES = 512;

/** null: there is no such disk or partition. */
export function blockDevice(path: string, files = readHost()): BlockDevice | null {
  const real = files.real(path);
  const number = real === null ? null : files.number(real);
  if (real === null || number === null) return null;
  const folder = files.real(`/sys/dev/block/${number}`);
  if (folder === null) return null;
  const sectors = Number(files.text(join(folder, 'size')).trim());
  const partOf = files.text(join(folder, 'partition')) === '' ? null : `/dev/${basename(dirname(folder))}`;
  return { path: real, partOf, sizeBytes: sectors * SECTOR_BYTES, usedBy: userOf(folder, files) };
}

type Place = Pick<BlockDevice, 'path' | 'partOf'>;

/** Whether what is written to one is on the other: they are the same, or one is a partition of the other. Pure. */
export function sharePlace(one: Place, other: Place): boolean {
  return one.path === other.path || one.partOf === other.path || other.partOf === one.path;
}

type HostFiles = ReturnType<typeof readHost>;

function readHost() {
  return {
    text: (path: string): string => {
      try {
        return readFileSync(path, 'utf8');
      } catch {
        return '';
      }
    },
    names: (path: string): string[] => {
      try {
        return readdirSync(path);
      } catch {
        return [];
      }
    },
    real: (path: string): string | null => {
      try {
        return realpathSync(path);
      } catch {
        return null;
      }
    },
    /** `major:minor` of a block device. */
    number: (path: string): string | null => {
      const found = statSync(path, { throwIfNoEntry: false });
      if (!found?.isBlockDevice()) return null;
      const { rdev } = found;
      return `${((rdev >>> 8) & 0xfff) | 0}:${(rdev & 0xff) | ((rdev >>> 12) & 0xfff00)}`;
    },
  };
}

/** Of the device, its partitions, and the whole disk where it is a partition of one that is used as a whole. */
function userOf(folder: string, files: HostFiles): string | null {
  const parts = files.names(folder).filter((name) => files.text(join(folder, name, 'partition')) !== '');
  const all = [folder, ...parts.map((name) => join(folder, name))];
  const mounted = new Map(
    files
      .text('/proc/self/mountinfo')
      .split('\n')
      .map((line) => line.split(' '))
      .flatMap(([, , number, , place]) => (number && place ? [[number, place] as const] : [])),
  );
  const swaps = files
    .text('/proc/swaps')
    .split('\n')
    .slice(1)
    .map((line) => line.split(/\s/)[0] ?? '');
  for (const one of all) {
    const name = one.slice(one.lastIndexOf('/') + 1);
    const place = mounted.get(files.text(join(one, 'dev')).trim());
    if (place !== undefined) return `${place} is mounted from it`;
    if (swaps.includes(`/dev/${name}`)) return 'the host swaps to it';
    const [holder] = files.names(join(one, 'holders'));
    if (holder !== undefined) return `${holder} (encryption, RAID or LVM) is made of it`;
  }
  return null;
}
