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
  readonly endedAt: number | null;
  readonly error: ErrorShape | null;
  /** It writes a log that the stream `operation` shows. Left out: false. */
  readonly hasLog?: boolean;
}
