/** Reaching into a guest: what drivers that can do it offer. */
import type { GuestFolder } from '../contract/files.ts';

export interface LogRequest {
  readonly follow: boolean;
  readonly tailLines: number | null;
  /** Every line starts with its time (RFC 3339, UTC) and a space. */
  readonly timestamps?: boolean;
  /** Only lines of this time (ms since the epoch). */
  readonly sinceMs?: number;
  readonly untilMs?: number;
  readonly signal: AbortSignal;
}

/** A piece of what the main program wrote. A terminal and a serial line have standard output only. */
export interface LogPiece {
  readonly bytes: Uint8Array;
  readonly channel: 'stdout' | 'stderr';
}

/** What is copied out of a guest. The bytes are read as they are consumed; whoever stops reading ends the copying. */
export interface CopyOut {
  readonly kind: 'file' | 'folder' | 'link';
  /** null: not known. */
  readonly sizeBytes: number | null;
  readonly bytes: AsyncGenerator<Uint8Array>;
}

/**
 * Files as the guest sees them, running, paused or stopped. Paths are absolute and are resolved inside the guest's own
 * root, whatever links it makes and however it changes them meanwhile.
 */
export interface GuestFiles {
  list(path: string): Promise<GuestFolder>;
  makeFolder(path: string): Promise<void>;
  /** Throws `conflict` when there is something at `to`. */
  rename(path: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  copyOut(path: string, options: { readonly raw: boolean; readonly signal: AbortSignal }): Promise<CopyOut>;
  /**
   * Resolves once the bytes are wanted; `done` tells how many entries were put in place. Nothing is, should the source
   * throw or `signal` fire.
   */
  copyIn(
    path: string,
    options: { readonly raw: boolean; readonly signal: AbortSignal; readonly source: AsyncIterable<Uint8Array> },
  ): Promise<{ readonly done: Promise<{ entries: number }> }>;
}
