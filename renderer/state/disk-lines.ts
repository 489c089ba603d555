/** Further disks of a machine: as they stand in the form, and as words of the command line. Pure. */
import { DISK_DEFAULTS, type GuestSpec, hasOwnDisk, type MachineDisk } from '../../engine/contract/index.ts';
import { quoteWord } from './words-of-line.ts';

/** A line of the form. */
export interface FormDisk {
  name: string;
  /** Empty, the name of a disk image, or a path of the host's. */
  from: string;
  sizeGib: number | null;
  readOnly: boolean;
  /** What the form does not show of one that was filled in: it stays as it is. */
  readonly rest: Partial<MachineDisk>;
}

export const newLine = (number: number): FormDisk => ({
  name: number === 0 ? 'data' : `data${number + 1}`,
  from: '',
  sizeGib: 10,
  readOnly: false,
  rest: {},
});

export const formDiskOf = ({ name, from, sizeGib, readOnly, ...rest }: MachineDisk): FormDisk => ({
  name,
  from: from ?? '',
  sizeGib,
  readOnly,
  rest,
});

export function diskOf({ name, from, sizeGib, readOnly, rest }: FormDisk): MachineDisk {
  const source = from.trim();
  const isHost = source.startsWith('/');
  return {
    ...DISK_DEFAULTS,
    ...rest,
    name: name.trim(),
    from: source || null,
    format: isHost ? 'raw' : source ? 'qcow2' : (rest.format ?? 'qcow2'),
    sizeGib: isHost ? null : sizeGib,
    readOnly,
  };
}

/** The disk of the host that a machine starts from when nothing else is said of it. */
export const hostDisk = (path: string): MachineDisk => ({
  ...DISK_DEFAULTS,
  name: 'host',
  from: path,
  format: 'raw',
});

/** Disks of the host that the guest would write to itself. */
export const givenAway = (disks: readonly MachineDisk[] = []): string[] =>
  disks.flatMap(({ from, readOnly }) => (from?.startsWith('/') && !readOnly ? [from] : []));

/** As `guesthouse create` takes them: the first disk's size, then the further ones. */
export function diskWords({ diskGib = null, disks = [] }: Partial<Pick<GuestSpec, 'diskGib' | 'disks'>>): string[] {
  const [first, ...others] = disks;
  const only = !hasOwnDisk({ diskGib }) && first?.from && first.name === 'host' && words(first) === '';
  const further = only ? others : disks;
  return [
    ...(only ? [first.from as string] : diskGib === null ? [] : [String(diskGib)]),
    ...further.map((disk) => `${disk.name}=${disk.from ?? disk.sizeGib ?? ''}${words(disk)}`),
  ].map((word) => `--disk ${quoteWord(word)}`);
}

/** The limits of a disk's traffic that are set, as the command line calls them. */
export function rates(io: GuestSpec['io'] | null | undefined): [string, number][] {
  const all = [
    ['read-bps', io?.readBytesPerSecond],
    ['write-bps', io?.writeBytesPerSecond],
    ['read-iops', io?.readOpsPerSecond],
    ['write-iops', io?.writeOpsPerSecond],
  ] as const;
  return all.flatMap(([name, value]) => (value == null ? [] : [[name, value]]));
}

function words(disk: MachineDisk): string {
  const { from, sizeGib, readOnly, format, cache, discard, attached, io } = disk;
  const all = [
    ...(from !== null && sizeGib !== null ? [`size=${sizeGib}`] : []),
    ...(readOnly ? ['ro'] : []),
    ...(from === null && format === 'raw' ? ['raw'] : []),
    ...(cache === DISK_DEFAULTS.cache ? [] : [`cache=${cache}`]),
    ...(discard ? [] : ['no-discard']),
    ...(attached ? [] : ['detached']),
    ...rates(io).map(([key, value]) => `${key}=${value}`),
  ];
  return all.map((word) => `,${word}`).join('');
}
