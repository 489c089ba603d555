/** Text of a machine's disks: what there are, what can be done to them. */
import type { DiskCache, DiskReport, GuestDisk } from '../../engine/contract/index.ts';
import { bytes } from './format.ts';

export const disks = {
  title: 'Disks',
  name: 'Name',
  size: 'Size',
  used: 'On this host',
  from: 'From',
  state: 'State',
  unknown: '–',
  empty: 'empty',
  stateOf: ({ kind, attached, readOnly }: GuestDisk): string =>
    [
      attached ? (kind === 'cd' ? 'in the drive' : 'attached') : 'detached',
      ...(readOnly && kind !== 'cd' ? ['read-only'] : []),
      ...(kind === 'host' ? ['a disk of this host'] : []),
    ].join(', '),
  actions: (name: string): string => `Actions for the disk ${name}`,
  loading: 'Looking at the disks',
  attach: 'Attach',
  detach: 'Detach',
  eject: 'Eject',
  add: 'Add disk',
  insert: 'Insert a CD',
  resize: 'Make larger…',
  compact: 'Give unused room back',
  check: 'Check',
  repair: 'Check and mend…',
  remove: 'Delete…',
  whyRunning: 'stop it first',
  whyRaw: 'a raw disk has nothing to check',
  compacted: (name: string, before: number, after: number): string =>
    after < before ? `${name}: ${bytes(before)} before, ${bytes(after)} now` : `${name}: nothing to give back`,
  checked: (name: string, { state, leaks, corruptions, leaksFixed, corruptionsFixed }: DiskReport): string => {
    const fixed = leaksFixed + corruptionsFixed;
    const mended = fixed > 0 ? `, ${fixed} mended` : '';
    if (state === 'whole') return `${name} is whole${mended}`;
    if (state === 'leaks') return `${name}: ${leaks} places are lost room, no data are concerned${mended}`;
    return `${name}: ${corruptions} places are damaged${mended}`;
  },
  ask: {
    title: (guest: string): string => `A further disk for ${guest}`,
    name: 'Name',
    nameHint: 'Letters, digits, - and _. A Linux guest finds it as /dev/disk/by-id/virtio-name.',
    kind: 'Made from',
    kinds: { empty: 'Nothing', image: 'An image', host: 'A disk of this host' },
    kindHints: {
      empty: 'An empty disk of the size below.',
      image: 'A difference to a disk image of the store; the image stays as it is.',
      host: 'The disk or partition itself: the guest writes to it, and what is on it may be lost.',
    },
    source: 'Image or device',
    sourceHint: 'The name of a disk image, or a path such as /dev/sdb. Left empty for an empty disk.',
    size: 'Size in GiB',
    cache: 'Writes are safe',
    caches: {
      writeback: 'when the guest asks',
      none: 'when the guest asks, past this host’s cache',
      writethrough: 'at once',
      unsafe: 'never: for scratch only',
    } satisfies Record<DiskCache, string>,
    readOnly: 'The guest can only read it',
    keep: 'Cancel',
    yes: 'Add disk',
    sure: (path: string): string => `Give ${path} to the guest?`,
    sureText:
      'The guest gets the disk itself, not a copy. Whatever it writes changes what is on it, and cannot be undone. It is refused while this host uses it.',
    sureKeep: 'Keep it',
    sureYes: 'Give it away',
  },
  insertAsk: {
    title: (guest: string): string => `A CD for ${guest}`,
    path: 'ISO file of this host',
    keep: 'Cancel',
    yes: 'Insert',
  },
  resizeAsk: {
    title: (name: string): string => `Make ${name} larger`,
    text: 'A guest that runs sees the new size at once; its partitions and file systems are for it to grow. A disk cannot become smaller.',
    size: 'New size in GiB',
    keep: 'Keep the size',
    yes: 'Make larger',
  },
  removeAsk: {
    title: (name: string, guest: string): string => `Delete the disk ${name} of ${guest}?`,
    text: 'Everything on it is gone. This cannot be undone.',
    hostText: 'The disk of this host stays as it is; the guest no longer has it.',
    keep: (name: string): string => `Keep ${name}`,
    yes: (name: string): string => `Delete ${name}`,
  },
  repairAsk: {
    title: (name: string): string => `Mend the disk ${name}?`,
    text: 'Lost room is given back, and places that contradict each other are made to agree. Where data were damaged already, they may be lost: make a clone first.',
    keep: 'Leave it',
    yes: 'Mend it',
  },
};
