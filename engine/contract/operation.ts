/** A long act: who, what, how far, and how it ended. Every one can be cancelled while `cancellable`. */
import type { ErrorShape } from './errors.ts';

export type OperationVerb =
  | 'create'
  | 'start'
  | 'stop'
  | 'kill'
  | 'restart'
  | 'pause'
  | 'resume'
  | 'remove'
  | 'build-image'
  | 'import-image'
  | 'pull-image'
  | 'fetch-image'
  | 'remove-image'
  | 'save-image'
  | 'commit'
  | 'prune'
  | 'update'
  | 'recreate'
  | 'clone'
  | 'rename'
  | 'export'
  | 'import-guest'
  | 'compact-disk'
  | 'check-disk'
  | 'open-disk'
  | 'close-disk'
  | 'snapshot'
  | 'restore'
  | 'remove-snapshot'
  | 'branch'
  | 'suspend'
  | 'mend'
  | 'compose-up'
  | 'compose-down';

export interface Progress {
  /** What is being done now, as a short phrase: `Unpacking packages`. */
  readonly step: string;
  /** 0 to 1, or null when the end is not known. */
  readonly fraction: number | null;
  readonly bytesDone?: number;
  readonly bytesTotal?: number;
}

/** Who asked for an act. A client says it of itself: it is told, and gives no rights. */
export interface Asker {
  /** `policy`: a restart policy or a health check. `engine`: nobody; it follows from what the engine keeps. */
  readonly by: 'window' | 'cli' | 'compose' | 'schedule' | 'policy' | 'engine';
  /** Name of the host's user whose window or command line it was. */
  readonly user?: string;
  /** Of `compose`: the project it was done for. */
  readonly project?: string;
}

export interface Operation {
  readonly id: string;
  readonly verb: OperationVerb;
  /** Guest or image id where there is one already. */
  readonly targetId: string | null;
  /** Name shown: `web`, `debian:12`. */
  readonly target: string;
  readonly state: 'running' | 'done' | 'failed' | 'cancelled';
  readonly progress: Progress | null;
  readonly cancellable: boolean;
  readonly startedAt: number;
  /** null while it runs; also of one that an engine that was killed left, since nobody knows. */
  readonly endedAt: number | null;
  readonly error: ErrorShape | null;
  /** It writes a log that the stream `operation` shows. Left out: false. */
  readonly hasLog?: boolean;
  /** Left out: not known. */
  readonly asker?: Asker;
  /** `operations.retry` can ask for it once more. Left out: false. */
  readonly retryable?: boolean;
}

/** Calls about operations. */
export interface OperationCalls {
  'operations.list': { args: Record<string, never>; result: readonly Operation[] };
  'operations.cancel': { args: { operation: string }; result: null };
  /**
   * Asks once more for what failed or was cancelled, just as it was asked for. Throws `wrong-state`, `unsupported` when
   * that is not kept, and whatever the call itself throws.
   */
  'operations.retry': { args: { operation: string }; result: null };
}
