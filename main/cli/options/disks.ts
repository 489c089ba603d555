/** The disks a machine is made with: `--disk 20`, `--disk /dev/sdb`, `--disk data=10,ro`. */
import { DISK_DEFAULTS, type DiskCache, type MachineDisk } from '../../../engine/contract/disk.ts';
import { misused, number, quoted } from '../args.ts';
import { ioLimits } from './io-limits.ts';

const CACHES: readonly DiskCache[] = ['writeback', 'none', 'writethrough', 'unsafe'];
const SIZE = /^\d+(\.\d+)?g?$/i;
/** Of a disk of the host that is named by its path alone. */
const ONLY = 'host';
const HOW = 'Write --disk GIB, --disk /dev/…, or --disk NAME=GIB|IMAGE|/dev/…[,ro][,size=GIB][,raw][,cache=MODE].';

export interface DiskWishes {
  /** Of its own first disk; 0: it has none. Left out: nothing was said. */
  readonly diskGib?: number;
  /** Beside it. Left out: nothing was said. */
  readonly disks?: readonly MachineDisk[];
}

/** Pure. Throws `invalid`. */
export function diskWishes(words: readonly string[] | undefined): DiskWishes {
  if (words === undefined) return {};
  const sizes = words.filter((word) => SIZE.test(word));
  const bare = words.filter((word) => word.startsWith('/'));
  const named = words.filter((word) => !SIZE.test(word) && !word.startsWith('/'));
  if (sizes.length > 1 || bare.length > 1) throw misused('--disk says twice what the first disk is.', HOW);
  const [size] = sizes;
  const diskGib = size !== undefined ? gib(size) : bare.length > 0 ? 0 : undefined;
  const disks = [...bare.map((path) => further(`${ONLY}=${path}`)), ...named.map(further)];
  return { ...(diskGib === undefined ? {} : { diskGib }), ...(disks.length > 0 ? { disks } : {}) };
}

function further(word: string): MachineDisk {
  const [first = '', ...options] = word.split(',');
  const at = first.indexOf('=');
  const [name, source] = [first.slice(0, at), first.slice(at + 1)];
  if (at < 1 || source === '') throw misused(`--disk cannot be ${quoted(word)}.`, HOW);
  const isSize = SIZE.test(source);
  let disk: MachineDisk = {
    ...DISK_DEFAULTS,
    name,
    ...(isSize ? { sizeGib: gib(source) } : { from: source, format: source.startsWith('/') ? 'raw' : 'qcow2' }),
  };
  const rates: Record<string, string> = {};
  for (const option of options) {
    const [key = '', value = ''] = option.split('=', 2);
    if (/^(read|write)-(bps|iops)$/.test(key)) rates[`device-${key}`] = value;
    else disk = { ...disk, ...how(key, value, option) };
  }
  return { ...disk, io: ioLimits(rates, null) };
}

function how(key: string, value: string, option: string): Partial<MachineDisk> {
  if (option === 'ro') return { readOnly: true };
  if (option === 'raw') return { format: 'raw' };
  if (option === 'detached') return { attached: false };
  if (option === 'no-discard') return { discard: false };
  if (key === 'size') return { sizeGib: gib(value) };
  const cache = CACHES.find((mode) => key === 'cache' && mode === value);
  if (cache) return { cache };
  throw misused(`--disk has no ${quoted(option)}.`, HOW);
}

function gib(text: string): number {
  return number(text.replace(/g$/i, ''), '--disk') as number;
}

/** Disks of the host that the guest would write to itself. */
export const givenAway = (disks: readonly MachineDisk[] = []): string[] =>
  disks.flatMap(({ from, readOnly }) => (from?.startsWith('/') && !readOnly ? [from] : []));
