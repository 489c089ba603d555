/** Looks at a draft's further disks with the store and the host they are to come from. */

import { accessSync, constants } from 'node:fs';
import type { DraftProblem } from '../contract/api.ts';
import type { MachineDisk } from '../contract/disk.ts';
import { isHostDisk } from '../contract/disk.ts';
import type { ErrorShape } from '../contract/errors.ts';
import type { Image } from '../contract/image.ts';
import { blockDevice, sharePlace } from '../host/block-devices.ts';
import type { Neighbour } from './entry.ts';
import { quote } from './quote.ts';

const GIB = 1024 ** 3;
const MAX_PATH_SHOWN = 300;

export interface DiskSurroundings {
  readonly guests: readonly Neighbour[];
  /** Disks the guest has already: that it uses them itself is no problem. */
  readonly kept: readonly MachineDisk[];
  find(ref: string): Image | undefined;
}

/** Answers the disks with the ids of their images: a name may mean another image later. */
export function checkDisks(
  disks: readonly MachineDisk[],
  around: DiskSurroundings,
  problems: DraftProblem[],
): MachineDisk[] {
  return disks.map((disk, index) => {
    const say = (field: keyof MachineDisk, error: ErrorShape) => {
      const place = `disks.${index}.${field}`;
      if (!problems.some((one) => one.field === place))
        problems.push({ field: place, error: { subject: place, ...error } });
    };
    if (disk.from === null) return disk;
    if (isHostDisk(disk)) {
      const error = hostDiskProblem(disk.from, disk.readOnly, around);
      if (error) say('from', error);
      return disk;
    }
    const image = around.find(disk.from);
    if (image?.kind !== 'disk') {
      say('from', {
        code: image ? 'invalid' : 'not-found',
        message: image
          ? `${image.name} is not the image of a disk.`
          : `There is no image named ${quote(disk.from)} here.`,
        hint: 'See `guesthouse image ls`; import a disk with `guesthouse image import FILE`.',
      });
      return disk;
    }
    const least = (image.virtualBytes ?? 0) / GIB;
    if (disk.sizeGib !== null && disk.sizeGib < least) {
      say('sizeGib', {
        code: 'invalid',
        message: `A disk of ${disk.sizeGib} GiB is smaller than the image's own.`,
        cause: `The image has ${least.toFixed(1)} GiB.`,
        hint: `Ask for ${Math.ceil(least)} GiB or more, or leave the size out.`,
      });
    }
    return { ...disk, from: image.id };
  });
}

function hostDiskProblem(path: string, readOnly: boolean, { guests, kept }: DiskSurroundings): ErrorShape | null {
  const shown = quote(path, MAX_PATH_SHOWN);
  const device = blockDevice(path);
  if (device === null) {
    return {
      code: 'not-found',
      message: `${shown} is not a disk of this host.`,
      hint: 'See `lsblk` for those there are.',
    };
  }
  const isIt = (disk: MachineDisk) =>
    isHostDisk(disk) && (disk.from === path || blockDevice(disk.from ?? '')?.path === device.path);
  const touches = (disk: MachineDisk) => {
    const other = isHostDisk(disk) ? blockDevice(disk.from ?? '') : null;
    return isIt(disk) || (other !== null && sharePlace(device, other));
  };
  for (const { name, spec } of guests) {
    const found = spec.disks.find(touches);
    if (!found) continue;
    const hint = 'Two systems on one disk destroy it. Take it from that guest first.';
    const message = isIt(found)
      ? `${shown} is a disk of ${name} already.`
      : `${shown} is in one place with ${quote(found.from ?? '', MAX_PATH_SHOWN)}, a disk of ${name} already.`;
    return { code: 'conflict', message, hint };
  }
  if (kept.some(isIt)) return null;
  if (device.usedBy === null) return mayOpen(path, readOnly) ? null : denied(shown);
  return {
    code: 'conflict',
    message: `${shown} is in use by the host: ${device.usedBy}.`,
    hint: 'Unmount it first (and take it out of /etc/fstab). Two systems on one disk destroy it.',
  };
}

function mayOpen(path: string, readOnly: boolean): boolean {
  try {
    accessSync(path, readOnly ? constants.R_OK : constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function denied(shown: string): ErrorShape {
  return {
    code: 'denied',
    message: `${shown} may not be opened by your account.`,
    hint: 'On most systems that takes root, or the group `disk`.',
  };
}
