/** A program in a guest as the session above it sees it, whichever driver runs it. */
import type { LogPiece } from './reach.ts';

/**
 * One program's input and output as the session above it sees it. Output starts only after `start()`; the endpoint
 * keeps reading unless paused. After `onEnd` nothing more comes.
 */
export interface ConsoleEndpoint {
  /** Stable across restarts of the engine: `<guestId>:main`, `<guestId>:serial`, `<guestId>:exec-<8 hex>`. */
  readonly id: string;
  readonly guestId: string;
  readonly kind: 'main' | 'serial' | 'exec';
  readonly title: string;
  readonly tty: boolean;
  readonly startedAt: number;
  /** Somebody is about to read it: what it writes from its beginning on is kept for them. Left out: false. */
  readonly awaited?: boolean;
  /** The last output before now (at most `maxBytes`), for the scrollback of a session met again. */
  history(maxBytes: number): Promise<readonly LogPiece[]>;
  start(handlers: {
    onData(bytes: Uint8Array, channel: 'stdout' | 'stderr'): void;
    onEnd(exitCode: number | null): void;
  }): Promise<void>;
  /** False: hold further input until the promise of `drained` resolves. */
  write(bytes: Uint8Array): boolean;
  drained(): Promise<void>;
  endInput(): void;
  resize(columns: number, rows: number): void;
  /** Stops and resumes reading output; a paused endpoint slows its program down. */
  pause(): void;
  resume(): void;
  /** Lets go of it; the program behind it goes on. */
  detach(): void;
}

export interface ExecRequest {
  readonly command: readonly string[];
  readonly tty: boolean;
  readonly columns: number;
  readonly rows: number;
  readonly user: string | null;
  readonly env: readonly string[];
  /** Left out: the guest's own. */
  readonly workingDir?: string;
  /** Brings a shell and tools along, for images that have none. */
  readonly borrowed?: boolean;
  /** Nobody's session: not met again by a later engine, which ends it instead. */
  readonly hidden?: boolean;
}
