/** What guests can be made from that lies in a folder of the host. */
import type { ErrorShape } from './errors.ts';

/** Names of files in it. */
export interface FolderFinds {
  /** Absolute, links followed. */
  readonly path: string;
  /** `Containerfile`, else `Dockerfile`; null: neither. */
  readonly containerfile: string | null;
  /** Why nothing can be built here; null: it can. */
  readonly whyNoBuild: ErrorShape | null;
  /** Vagrant boxes and exported machines: for `guests.import`. */
  readonly machines: readonly string[];
  /** It says how Vagrant would run a box that is elsewhere. */
  readonly vagrantfile: boolean;
  /** For `compose.plan`; null: none. */
  readonly compose: string | null;
}

/** See `EngineCalls`. */
export interface FolderCalls {
  /** Throws `not-found`, or `denied` for one that may not be looked into. */
  'host.folder': { args: { path: string }; result: FolderFinds };
}
