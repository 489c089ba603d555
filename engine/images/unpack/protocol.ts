/** What the unpacking thread and the engine's own say to each other. Jobs have numbers; pieces of one come in order. */
import type { ErrorShape } from '../../contract/errors.ts';
import type { ScanLimits } from '../archive/layer-scan.ts';

export interface UnpackOrder {
  /** Where the layer's files go: an empty folder. */
  readonly tree: string;
  /** A file that is not there yet, for whiteouts. */
  readonly marksTar: string;
  /** Words before a command line, as in `Inside`. */
  readonly prefix: readonly string[];
  readonly rootless: boolean;
  /** Files can have owners of their own. */
  readonly owners: boolean;
  readonly limits: ScanLimits;
  /** Diff id it must have. */
  readonly expected: string | null;
  /** The bytes may be squeezed; what to say when that is damaged. Null: they are a plain tar. */
  readonly damaged: ErrorShape | null;
}

export interface Unpacked {
  readonly diffId: string;
  readonly entries: number;
  readonly diskBytes: number;
  readonly devicesLeftOut: number;
}

export type Order =
  /** `fd`: of the file the bytes are in, open until the job is over; null: they come as pieces. */
  | { readonly what: 'unpack'; readonly job: number; readonly order: UnpackOrder; readonly fd: number | null }
  /** So many bytes are in the file. */
  | { readonly what: 'grown'; readonly job: number; readonly bytes: number }
  | { readonly what: 'piece'; readonly job: number; readonly bytes: Uint8Array }
  | { readonly what: 'end'; readonly job: number }
  /** Whoever has the bytes failed, or somebody asked to stop. */
  | { readonly what: 'abort'; readonly job: number };

export type Report =
  /** One more piece was taken. */
  | { readonly what: 'taken'; readonly job: number; readonly bytes: number }
  | { readonly what: 'done'; readonly job: number; readonly result: Unpacked }
  | { readonly what: 'failed'; readonly job: number; readonly error: Failure };

/** Errors lose their class and code on the way. */
export type Failure = { readonly shape: ErrorShape } | { readonly message: string; readonly code: string | undefined };

/** Pieces on their way or waiting in the thread, of one job. */
export const AHEAD_PIECES = 3;
