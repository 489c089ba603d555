/** Limits of a container's disk traffic: of the disk its home lies on, by the block controller of either version. */
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { IoLimits } from '../../contract/guest.ts';

export interface BlockDevice {
  readonly major: number;
  readonly minor: number;
}

export interface IoThrottle {
  readonly device: BlockDevice;
  readonly limits: IoLimits;
}

/** Of each limit: its name in the OCI runtime-spec, its file of version 1, its key of version 2. */
const KINDS = [
  ['readBytesPerSecond', 'throttleReadBpsDevice', 'blkio.throttle.read_bps_device', 'rbps'],
  ['writeBytesPerSecond', 'throttleWriteBpsDevice', 'blkio.throttle.write_bps_device', 'wbps'],
  ['readOpsPerSecond', 'throttleReadIOPSDevice', 'blkio.throttle.read_iops_device', 'riops'],
  ['writeOpsPerSecond', 'throttleWriteIOPSDevice', 'blkio.throttle.write_iops_device', 'wiops'],
] as const;

export function isLimited(limits: IoLimits): boolean {
  return KINDS.some(([field]) => limits[field] !== null);
}

/** `linux.resources.blockIO`. */
export function blockIo({ device, limits }: IoThrottle): Record<string, unknown> {
  return Object.fromEntries(
    KINDS.flatMap(([field, oci]) => (limits[field] === null ? [] : [[oci, [{ ...device, rate: limits[field] }]]])),
  );
}

/** What to write where in the block controller's folder to have exactly these limits on the device. */
export function ioWrites({ device, limits }: IoThrottle, unified: boolean): { file: string; text: string }[] {
  const name = `${device.major}:${device.minor}`;
  if (unified) {
    return [
      {
        file: 'io.max',
        text: [name, ...KINDS.map(([field, , , key]) => `${key}=${limits[field] ?? 'max'}`)].join(' '),
      },
    ];
  }
  // 0 takes a limit away.
  return KINDS.map(([field, , file]) => ({ file, text: `${name} ${limits[field] ?? 0}` }));
}

/** The disk below a folder. null: there is none the kernel could slow down (a network share, memory, several disks). */
export function diskOf(folder: string): BlockDevice | null {
  const { dev } = statSync(folder);
  return wholeDisk(major(dev), minor(dev));
}

/** Limits belong to whole disks, so a partition stands for its own. */
function wholeDisk(majorNumber: number, minorNumber: number): BlockDevice | null {
  const entry = `/sys/dev/block/${majorNumber}:${minorNumber}`;
  if (majorNumber === 0 || !existsSync(entry)) return null;
  if (!existsSync(`${entry}/partition`)) return { major: majorNumber, minor: minorNumber };
  const disk = dirname(realpathSync(entry));
  const [a, b] = readFileSync(`/sys/class/block/${basename(disk)}/dev`, 'latin1')
    .trim()
    .split(':')
    .map(Number);
  return a !== undefined && b !== undefined ? { major: a, minor: b } : null;
}

/** As glibc's gnu_dev_major and gnu_dev_minor take a device number apart. */
export function major(device: number): number {
  const number = BigInt(device);
  return Number(((number >> 8n) & 0xfffn) | ((number >> 32n) & 0xfffff000n));
}

export function minor(device: number): number {
  const number = BigInt(device);
  return Number((number & 0xffn) | ((number >> 12n) & 0xffffff00n));
}
