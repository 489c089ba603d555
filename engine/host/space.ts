/** A full disk, told as what it is, however deep it was met. */
import { statfs } from 'node:fs/promises';
import { GuesthouseError } from '../contract/errors.ts';

async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

/** What a disk needs free so that guests can go on (bytes), and what share of a small disk. */
const ENOUGH_BYTES = 1024 ** 3;
const ENOUGH_SHARE = 0.05;

/** Whether the disk is about to be full. */
export async function runsShort(path: string): Promise<boolean> {
  const { bavail, blocks, bsize } = await statfs(path);
  return bavail * bsize < Math.min(ENOUGH_BYTES, blocks * bsize * ENOUGH_SHARE);
}

/** Refuses before anything is made. `doing`: `building debian:12`. */
export async function requireSpace(path: string, neededBytes: number, doing: string): Promise<void> {
  const free = await freeBytes(path);
  if (free < neededBytes) throw noSpace(doing, path, neededBytes - free, free);
}

/** ENOSPC and EDQUOT, met by ourselves or told by a program. */
export function isSpaceError(thrown: unknown): boolean {
  const { code, message, cause } = (thrown ?? {}) as { code?: string; message?: string; cause?: unknown };
  const text = `${message ?? ''}\n${typeof cause === 'string' ? cause : ''}`;
  return (
    code === 'ENOSPC' ||
    code === 'EDQUOT' ||
    // GNU tar says of a disk that fills up in the middle of a record how much of it was written, not why.
    /No space left on device|enough free space|Disk quota exceeded|Could not allocate block|Wrote only \d+ of/i.test(
      text,
    )
  );
}

/** A disk that filled up during an act whose need is known (bytes). */
export async function filledUp(path: string, neededBytes: number, doing: string): Promise<GuesthouseError> {
  const free = await freeBytes(path).catch(() => 0);
  return noSpace(doing, path, Math.max(1024 ** 2, neededBytes - free), free);
}

/** Turns a full disk into `resources`; anything else, also one told as that already, passes unchanged. */
export function explainSpace(thrown: unknown, path: string, doing: string): unknown {
  if (!isSpaceError(thrown) || (thrown instanceof GuesthouseError && thrown.code === 'resources')) return thrown;
  return noSpace(doing, path, null, null);
}

function noSpace(doing: string, path: string, missing: number | null, free: number | null): GuesthouseError {
  const known = free === null ? '' : ` ${readableBytes(free)} are free there now.`;
  return new GuesthouseError({
    code: 'resources',
    message: `No space left while ${doing}.`,
    subject: path,
    cause:
      missing === null
        ? `The disk that holds ${path} is full.${known}`
        : `At least ${readableBytes(missing)} more are needed on the disk that holds ${path}.${known}`,
    hint: 'Make room (`guesthouse df` shows what takes it, `guesthouse trash empty` lets removed guests go), or set GUESTHOUSE_HOME to a larger disk.',
  });
}

export function readableBytes(bytes: number): string {
  const mib = bytes / 1024 ** 2;
  return mib >= 1024 ? `${(mib / 1024).toFixed(1)} GiB` : `${Math.max(1, Math.ceil(mib))} MiB`;
}
