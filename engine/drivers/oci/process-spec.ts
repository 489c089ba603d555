/** The `process` part of config.json and of an exec: who runs what, where, with which environment. Pure. */
import { GuesthouseError } from '../../contract/errors.ts';
import type { GuestSpec } from '../../contract/guest.ts';
import type { ImageConfig } from '../../contract/image.ts';
import { type CapabilitySets, capabilitySets } from './capabilities.ts';
import { type HardLimits, mayRaiseLimits, ownHardLimits, type Rlimit, rlimits } from './ulimits.ts';
import { workingDirectory } from './working-folder.ts';

/** A user as the kernel knows it: numbers only, so no two programs can read one name differently. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  readonly home: string;
}

export interface ProcessSpec {
  readonly terminal: boolean;
  readonly consoleSize?: { readonly height: number; readonly width: number };
  readonly user: { readonly uid: number; readonly gid: number; readonly additionalGids: readonly number[] };
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly capabilities: Readonly<
    Record<'bounding' | 'effective' | 'inheritable' | 'permitted' | 'ambient', readonly string[]>
  >;
  readonly rlimits: readonly Rlimit[];
  readonly noNewPrivileges: boolean;
}

/** What the programs of one container may do, the first one and those run in it later. */
export interface Rights {
  readonly capabilities: CapabilitySets;
  readonly rlimits: readonly Rlimit[];
  readonly noNewPrivileges: boolean;
}

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const TERM = 'xterm-256color';
/** A terminal's size until a window says its own. */
const DEFAULT_ROWS = 24;
const DEFAULT_COLUMNS = 80;

export interface ProcessRequest {
  readonly args: readonly string[];
  readonly tty: boolean;
  readonly columns?: number;
  readonly rows?: number;
  readonly identity: Identity;
  readonly image: ImageConfig;
  readonly hostname: string;
  /** Over the image's environment, in this order. */
  readonly env: readonly string[];
  readonly rights: Rights;
  /** Where it begins, looked up in the container's root already; left out: where the image says. */
  readonly workingFolder?: string;
}

/** `possible`: capabilities that can be given here; null: not known. Throws for what cannot be given. */
export function rightsOf(
  spec: Pick<GuestSpec, 'capabilities' | 'noNewPrivileges' | 'ulimits'>,
  possible: ReadonlySet<string> | null,
  hard: HardLimits = ownHardLimits(),
  mayRaise: boolean = mayRaiseLimits(),
): Rights {
  return {
    capabilities: capabilitySets(spec.capabilities, possible),
    rlimits: rlimits(spec.ulimits, hard, mayRaise),
    noNewPrivileges: spec.noNewPrivileges,
  };
}

/** The image's configuration with what the guest was asked to have instead. */
export function asAsked(spec: Pick<GuestSpec, 'entrypoint' | 'user' | 'workingDir'>, image: ImageConfig): ImageConfig {
  return {
    ...image,
    // As container engines do it: the image's command belongs to the image's entrypoint.
    ...(spec.entrypoint === null ? {} : { entrypoint: spec.entrypoint, cmd: [] }),
    ...(spec.user === null ? {} : { user: spec.user }),
    ...(spec.workingDir === null ? {} : { workingDir: spec.workingDir }),
  };
}

export function processSpec(request: ProcessRequest): ProcessSpec {
  const { identity, tty, rights } = request;
  const { bounding, named } = rights.capabilities;
  // Root holds the set, and hands nothing on. Another user holds what was asked for by name only, and only as an
  // ambient capability would a program it starts still have it.
  const held = identity.uid === 0 ? bounding : named;
  const handedOn = identity.uid === 0 ? [] : named;
  return {
    terminal: tty,
    ...(tty
      ? { consoleSize: { height: request.rows || DEFAULT_ROWS, width: request.columns || DEFAULT_COLUMNS } }
      : {}),
    user: { uid: identity.uid, gid: identity.gid, additionalGids: identity.groups },
    args: request.args,
    env: environment(request),
    cwd: request.workingFolder ?? workingDirectory(request.image.workingDir),
    capabilities: { bounding, effective: held, inheritable: handedOn, permitted: held, ambient: handedOn },
    rlimits: rights.rlimits,
    noNewPrivileges: rights.noNewPrivileges,
  };
}

/** As container engines join image and request: the entrypoint stays, a command replaces `cmd`. */
export function commandOf(spec: Pick<GuestSpec, 'command'>, image: ImageConfig): readonly string[] {
  return [...image.entrypoint, ...(spec.command ?? image.cmd)];
}

function environment(request: ProcessRequest): string[] {
  const env = new Map<string, string>([
    ['PATH', DEFAULT_PATH],
    ['HOSTNAME', request.hostname],
    ['HOME', request.identity.home],
  ]);
  if (request.tty) env.set('TERM', TERM);
  for (const [source, entries] of [
    ['image', request.image.env],
    ['request', request.env],
  ] as const) {
    for (const entry of entries) {
      const match = /^([^=\0\n]+)=([^\0]*)$/.exec(entry);
      if (!match) {
        throw new GuesthouseError({
          code: source === 'image' ? 'bad-data' : 'invalid',
          message: `The ${source}'s environment has an entry that is not NAME=value.`,
          subject: JSON.stringify(entry.slice(0, 80)),
        });
      }
      env.set(match[1] as string, match[2] as string);
    }
  }
  return [...env].map(([name, value]) => `${name}=${value}`);
}
