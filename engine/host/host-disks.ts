/** Disks and partitions of the host that a machine could be given as they are (Linux: /sys/class/block). */
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { HostDisk } from '../contract/host-device.ts';
import { blockDevice } from './block-devices.ts';
import { mayUse } from './files.ts';

const CLASS = '/sys/class/block';
/** Names that stay when disks are plugged in another order. */
const BY_ID = '/dev/disk/by-id';
/** Memory, drives for media, and devices of network protocols. */
const NO_DISK = /^(?:ram|zram|sr|fd|nbd)\d/;

/** Empty slots are left out. */
export function hostDisks(): HostDisk[] {
  const kept = namesThatStay();
  return names(CLASS)
    .filter((name) => !NO_DISK.test(name))
    .flatMap((name): HostDisk[] => {
      const device = `/dev/${name}`;
      const found = blockDevice(device);
      if (!found || !(found.sizeBytes > 0)) return [];
      const { usedBy, sizeBytes } = found;
      const partOf = parentOf(name);
      return [
        {
          path: kept.get(device) ?? device,
          device,
          name: partOf === null ? modelOf(name) : '',
          partOf: partOf === null ? null : `/dev/${partOf}`,
          sizeBytes,
          blocks: [
            ...(usedBy === null ? [] : [`The host uses it: ${usedBy}.`]),
            ...(mayUse(device) ? [] : ['Your account may not open it.']),
          ],
        },
      ];
    })
    .sort((a, b) => a.device.localeCompare(b.device, 'en', { numeric: true }));
}

/** Of what a device is a partition. */
function parentOf(name: string): string | null {
  if (text(join(CLASS, name, 'partition')) === '') return null;
  try {
    return realpathSync(join(CLASS, name)).split('/').at(-2) ?? null;
  } catch {
    return null; // gone meanwhile
  }
}

/** What it calls itself; of a file behind a loop device its path, of a volume its name. */
function modelOf(name: string): string {
  const at = join(CLASS, name);
  const words = [text(join(at, 'device/vendor')), text(join(at, 'device/model'))].filter(Boolean).join(' ');
  const found = words || text(join(at, 'loop/backing_file')) || text(join(at, 'dm/name'));
  // A disk writes its own name.
  return found.replace(/\p{Cc}/gu, ' ').slice(0, 100);
}

function namesThatStay(): Map<string, string> {
  const found = new Map<string, string>();
  // By kind and serial number rather than by a bare number.
  const all = names(BY_ID).sort((a, b) => Number(a.startsWith('wwn-')) - Number(b.startsWith('wwn-')));
  for (const name of all) {
    const path = join(BY_ID, name);
    try {
      const real = realpathSync(path);
      if (!found.has(real)) found.set(real, path);
    } catch {
      // the disk is gone
    }
  }
  return found;
}

function names(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch {
    return [];
  }
}

function text(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
