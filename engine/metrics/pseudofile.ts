/**
 * Small files of /proc and /sys, read whole in one go. They are memory of the kernel: reading them does not wait for
 * a disk, so reading them in place is cheaper than handing each to another thread.
 */
import { closeSync, openSync, readSync } from 'node:fs';

/** Larger than any file read here but the busiest /proc/diskstats (bytes); what is beyond is not seen. */
const BUFFER_BYTES = 256 * 1024;
let buffer: Buffer | null = null;

function readAll(descriptor: number): string {
  buffer ??= Buffer.allocUnsafeSlow(BUFFER_BYTES);
  let size = 0;
  while (size < buffer.length) {
    const got = readSync(descriptor, buffer, size, buffer.length - size, size);
    size += got;
    // They answer in pieces of nearly a page or more; a small piece is the last.
    if (got < 2048) break;
  }
  return buffer.toString('latin1', 0, size);
}

/** Its text, or null when it is gone or forbidden. */
export function readPseudoFile(path: string): string | null {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch {
    return null;
  }
  try {
    return readAll(descriptor);
  } catch {
    return null;
  } finally {
    closeSync(descriptor);
  }
}

/** A file that is read every second and therefore stays open. A file of a process or cgroup that ended reads as null. */
export interface PseudoFile {
  read(): string | null;
  close(): void;
}

/** Null when it cannot be opened. */
export function openPseudoFile(path: string): PseudoFile | null {
  let descriptor: number | null;
  try {
    descriptor = openSync(path, 'r');
  } catch {
    return null;
  }
  return {
    read() {
      try {
        return descriptor === null ? null : readAll(descriptor);
      } catch {
        return null;
      }
    },
    close() {
      if (descriptor !== null) closeSync(descriptor);
      descriptor = null;
    },
  };
}
