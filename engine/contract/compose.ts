/** Projects: several guests, their networks and volumes, written down in a compose file. */
import type { ErrorShape } from './errors.ts';
import type { Isolation, Mount, PortRule } from './guest.ts';

/** Compose's own label: the name of the project a guest, a network or a volume belongs to. */
export const PROJECT_LABEL = 'com.docker.compose.project';
/** Compose's own label: the service of the file that a guest is. */
export const SERVICE_LABEL = 'com.docker.compose.service';

export type ComposeFile =
  /** Absolute path of a file of the host. Its folder is what relative paths in it start from, and its `.env` is read. */
  | { readonly path: string }
  /** What it says, where nothing but that is known: nothing in it may lead into its folder. `name`: shown in errors. */
  | { readonly text: string; readonly name: string };

export interface ComposeWish {
  readonly file: ComposeFile;
  /** Name of the project; left out: the file's own, or that of its folder. */
  readonly project?: string;
  /** Profiles that are wanted. */
  readonly profiles?: readonly string[];
}

/** What becomes of a service: `keep` leaves it as it is, and starts it where it does not run. */
export type ServiceAct = 'create' | 'keep' | 'update' | 'replace';

export interface PlannedService {
  readonly service: string;
  /** Name of the guest. */
  readonly guest: string;
  readonly isolation: Isolation;
  readonly image: string;
  /** Where the image comes from. */
  readonly from: 'store' | 'pull' | 'build';
  /** Folder of the host that it is built from; null: it is not built. */
  readonly context: string | null;
  readonly ports: readonly PortRule[];
  readonly mounts: readonly Mount[];
  readonly networks: readonly string[];
  /** Services that come first. */
  readonly after: readonly string[];
  readonly act: ServiceAct;
}

/** A network or a volume. */
export interface PlannedThing {
  readonly name: string;
  /** It is there already. */
  readonly there: boolean;
  /** It is not the project's: it stays when that is taken down. */
  readonly external: boolean;
}

export interface ComposePlan {
  readonly project: string;
  /** In the order they start. */
  readonly services: readonly PlannedService[];
  readonly networks: readonly (PlannedThing & { readonly isolated: boolean })[];
  readonly volumes: readonly PlannedThing[];
  /** Every profile the file knows. */
  readonly profiles: readonly string[];
  /** Services left out, because they are there with a profile only. */
  readonly leftOut: readonly string[];
  /** Guests of the project whose service the file has no longer. They stay. */
  readonly orphans: readonly string[];
  /** Variables that are set nowhere; they count as empty. */
  readonly unset: readonly string[];
  /** What is in the way of services that would be made. */
  readonly problems: readonly { readonly service: string; readonly error: ErrorShape }[];
  /** Stands for what the file says: `compose.up` with it does that, or refuses. */
  readonly mark: string;
}

/** See `EngineCalls`. */
export interface ComposeCalls {
  /** What `compose.up` would do. Makes nothing. Throws `invalid` or `unsupported` naming the line, `conflict`, `not-found`. */
  'compose.plan': { args: ComposeWish; result: ComposePlan };
  /**
   * Makes what is missing, changes what changed and starts all of it: an operation with a log. What came up stays up when
   * another fails, or when it is cancelled. `mark`: of the plan that was shown; throws `conflict` when it would be another.
   */
  'compose.up': {
    args: ComposeWish & { mark?: string };
    result: { project: string; guests: readonly string[] };
  };
  /** Stops and removes a project's guests and networks for good; its volumes where that is asked. An operation with a log. */
  'compose.down': { args: { project: string; volumes?: boolean }; result: null };
}
