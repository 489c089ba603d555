/** Changing the limits of a running container: files of its control group, written in an order that never fails half. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GuesthouseError } from '../../contract/errors.ts';
import type { LiveChange } from '../driver.ts';
import { CPU_PERIOD_US, cpuQuotaUs } from './bundle.ts';
import type { CgroupFolders } from './cgroup.ts';
import { type BlockDevice, ioWrites } from './io-limits.ts';

/** Fields of the spec that take effect on a running container. */
export const LIVE_FIELDS = new Set(['cpus', 'memoryMib', 'pidsLimit', 'io'] as const);

const MIB = 1024 * 1024;

export interface LimitWrite {
  readonly path: string;
  readonly text: string;
  /** What takes it back when a later one fails. */
  readonly before: string;
}

/** What the control group says now; all text as the kernel writes it, '' for a file that is not there. */
export type ReadLimit = (path: string) => string;

/**
 * The writes that make `change` true, first to last. `device`: the disk `io` is about; null: its limits cannot be set
 * and are left alone. Throws `resources` for memory below what is in use. Pure but for `read`.
 */
export function planLimits(
  change: LiveChange,
  folders: CgroupFolders,
  device: BlockDevice | null,
  read: ReadLimit,
): LimitWrite[] {
  const unified = folders.get('unified');
  const place = (controller: string) => unified ?? folders.get(controller);
  const writes: LimitWrite[] = [];
  const put = (folder: string | undefined, file: string, text: string, before?: string) => {
    if (folder === undefined) return;
    const path = join(folder, file);
    const now = read(path).trim();
    if (now !== '' || before !== undefined) writes.push({ path, text, before: before ?? now });
  };
  if (change.cpus !== undefined) {
    const quota = cpuQuotaUs(change.cpus);
    if (unified) put(unified, 'cpu.max', `${quota} ${CPU_PERIOD_US}`);
    else put(folders.get('cpu'), 'cpu.cfs_quota_us', String(quota));
  }
  if (change.pidsLimit !== undefined) put(place('pids'), 'pids.max', String(change.pidsLimit));
  const folder = place('memory');
  if (change.memoryMib !== undefined && folder !== undefined) {
    const bytes = change.memoryMib * MIB;
    refuseBelowUse(bytes, folder, unified !== undefined, read);
    if (unified) put(unified, 'memory.max', String(bytes));
    else {
      const [memory, both] = ['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes'];
      // Memory alone may never be allowed more than memory and swap together.
      const grows = bytes > Number(read(join(folder, memory)));
      for (const file of grows ? [both, memory] : [memory, both]) put(folder, file, String(bytes));
    }
  }
  const block = place('blkio');
  if (change.io !== undefined && device !== null && block !== undefined) {
    const name = `${device.major}:${device.minor}`;
    for (const { file, text } of ioWrites({ device, limits: change.io }, unified !== undefined)) {
      const line = read(join(block, file))
        .split('\n')
        .find((one) => one.startsWith(`${name} `));
      put(block, file, text, line ?? (unified ? `${name} rbps=max wbps=max riops=max wiops=max` : `${name} 0`));
    }
  }
  return writes;
}

/**
 * Version 2 answers too small a limit by killing, version 1 by failing: both are told before. What the kernel can drop
 * (the page cache) does not count.
 */
function refuseBelowUse(bytes: number, folder: string, unified: boolean, read: ReadLimit): void {
  const used = Number(read(join(folder, unified ? 'memory.current' : 'memory.usage_in_bytes'))) || 0;
  const stat = read(join(folder, 'memory.stat'));
  const field = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(stat)?.[1] ?? 0);
  const prefix = unified ? '' : 'total_';
  const cache = field(`${prefix}inactive_file`) + field(`${prefix}active_file`);
  if (used - cache > bytes) throw tooSmall(bytes, used - cache);
}

function tooSmall(bytes: number, used: number): GuesthouseError {
  return new GuesthouseError({
    code: 'resources',
    message: `The guest uses ${Math.ceil(used / MIB)} MiB of memory, so it cannot be limited to ${Math.floor(bytes / MIB)} MiB now.`,
    subject: 'memoryMib',
    hint: 'Give it more, or stop it first.',
  });
}

/** Writes all or, after a failure, none. Throws `resources` or `internal`. */
export function applyLimits(writes: readonly LimitWrite[], write: (path: string, text: string) => void): void {
  const done: LimitWrite[] = [];
  for (const one of writes) {
    try {
      write(one.path, one.text);
      done.unshift(one);
    } catch (error) {
      for (const { path, before } of done) {
        try {
          write(path, before);
        } catch {
          // it has ended, or the kernel has changed its mind: the first failure is what is told
        }
      }
      throw refused(one, error as NodeJS.ErrnoException);
    }
  }
}

function refused({ path, text }: LimitWrite, error: NodeJS.ErrnoException): GuesthouseError {
  if (error.code === 'EBUSY' && path.includes('memory')) {
    return new GuesthouseError({
      code: 'resources',
      message: `The guest uses more memory than ${Math.floor(Number(text) / MIB)} MiB, so it cannot be limited to that now.`,
      subject: 'memoryMib',
      hint: 'Give it more, or stop it first.',
    });
  }
  return new GuesthouseError({
    code: 'internal',
    message: 'A limit of the running guest could not be changed.',
    subject: path,
    cause: error.message,
  });
}

export function readLimit(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

export function writeLimit(path: string, text: string): void {
  writeFileSync(path, text);
}
