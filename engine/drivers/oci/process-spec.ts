/** The `process` part of config.json and of an exec: who runs what, where, with which environment. Pure. */
import { posix } from 'node:path';
import { GuesthouseError } from '../../contract/errors.ts';
import type { GuestSpec } from '../../contract/guest.ts';
import type { ImageConfig } from '../../contract/image.ts';

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
  readonly rlimits: readonly { readonly type: string; readonly hard: number; readonly soft: number }[];
  readonly noNewPrivileges: true;
}

/** Podman's default set. */
const CAPABILITIES = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_NET_BIND_SERVICE',
  'CAP_SETFCAP',
  'CAP_SETGID',
  'CAP_SETPCAP',
  'CAP_SETUID',
  'CAP_SYS_CHROOT',
] as const;

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const TERM = 'xterm-256color';
/** A terminal's size until a window says its own. */
const DEFAULT_ROWS = 24;
const DEFAULT_COLUMNS = 80;
/** Descriptors a program may open, where the host allows as many. */
const MAX_OPEN_FILES = 1_048_576;

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
  /** Hard limit of open files in force here; a container cannot be given more. */
  readonly openFilesHard: number;
}

export function processSpec(request: ProcessRequest): ProcessSpec {
  const { identity, tty } = request;
  // Programs of another user than root hold nothing; root holds the set. Nothing is ever inheritable or ambient.
  const held = identity.uid === 0 ? CAPABILITIES : [];
  const openFiles = Math.min(request.openFilesHard, MAX_OPEN_FILES);
  return {
    terminal: tty,
    ...(tty
      ? { consoleSize: { height: request.rows || DEFAULT_ROWS, width: request.columns || DEFAULT_COLUMNS } }
      : {}),
    user: { uid: identity.uid, gid: identity.gid, additionalGids: identity.groups },
    args: request.args,
    env: environment(request),
    cwd: workingDirectory(request.image.workingDir),
    capabilities: { bounding: CAPABILITIES, effective: held, inheritable: [], permitted: held, ambient: [] },
    rlimits: [{ type: 'RLIMIT_NOFILE', hard: openFiles, soft: openFiles }],
    noNewPrivileges: true,
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

/** Absolute, normalised, and never in /proc: a path there could lead to a folder of the host (CVE-2024-21626). */
export function workingDirectory(path: string): string {
  const normal = posix.normalize(path || '/').replace(/(.)\/+$/, '$1');
  if (!normal.startsWith('/') || normal.includes('\0') || /^\/+proc(\/|$)/.test(normal)) {
    throw new GuesthouseError({
      code: 'bad-data',
      message: 'The image names a working directory that cannot be used.',
      subject: JSON.stringify(path.slice(0, 80)),
      hint: 'It has to be an absolute path outside of /proc.',
    });
  }
  return normal;
}
