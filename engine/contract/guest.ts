/**
 * The guest: what was asked for (`GuestSpec`), and what is (`Guest`). The isolation is one field of it.
 */
import type { ErrorShape } from './errors.ts';

/** How strongly a guest is kept apart: the host's kernel, a small kernel of its own, or a whole machine. */
export type Isolation = 'container' | 'microvm' | 'vm';

/**
 * `creating` and `deleting` are written before the deed, so that a crash leaves a mark to resume or undo.
 * Everything else follows what the processes say.
 */
export type GuestState =
  | 'creating'
  | 'stopped'
  | 'starting'
  | 'running'
  | 'paused'
  | 'stopping'
  | 'deleting'
  | 'failed';

/** A TCP port of the host that leads to a port of the guest. */
export interface PortRule {
  /** Address of the host it listens on; `127.0.0.1` unless asked otherwise. */
  readonly hostIp: string;
  /** 1 to 65535. 0 in a request means: choose a free one at creation. */
  readonly hostPort: number;
  readonly guestPort: number;
  readonly protocol: 'tcp';
}

/** A folder of the host seen inside the guest. */
export interface Mount {
  /** Absolute path on the host. */
  readonly source: string;
  /** Absolute path in the guest. */
  readonly target: string;
  readonly readOnly: boolean;
}

/** What a person asks for. Stored word for word in guest.json. */
export interface GuestSpec {
  /** 1 to 63 of `a-z A-Z 0-9 . _ -`, starting with a letter or digit. Unique among the guests of this home. */
  readonly name: string;
  /** Image id or name in the store; null for a machine that starts from `iso` or an empty disk. */
  readonly image: string | null;
  readonly isolation: Isolation;
  /** Processors the guest may use; fractions only for containers. */
  readonly cpus: number;
  readonly memoryMib: number;
  /** Size of a machine's disk; null: the image's own size (a container's layer has no limit of its own). */
  readonly diskGib: number | null;
  readonly ports: readonly PortRule[];
  readonly mounts: readonly Mount[];
  readonly env: Readonly<Record<string, string>>;
  /** Replaces the image's command; null: the image's own. */
  readonly command: readonly string[] | null;
  /** Absolute path of an ISO file on the host, or the name of an ISO image in the store. Machines only. */
  readonly iso: string | null;
  /** `nat` reaches out and is reached by its ports only; `none` has no network at all. */
  readonly network: 'nat' | 'none';
}

/** How the last run ended. */
export interface GuestExit {
  /** Exit code of the main program; null when nobody could see it (a machine that was powered off). */
  readonly code: number | null;
  /** Signal that ended it, e.g. 9, if one did. */
  readonly signal: number | null;
  /** Ended by the kernel for want of memory. */
  readonly outOfMemory: boolean;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** One guest as every window, CLI and script sees it. */
export interface Guest {
  /** 12 lower-case hex digits; never reused. */
  readonly id: string;
  readonly name: string;
  readonly isolation: Isolation;
  readonly state: GuestState;
  /** The image's name as shown (`debian:12`), or null. */
  readonly image: string | null;
  readonly spec: GuestSpec;
  /** IPv4 address on the guest network, known as soon as it is created with `nat`. */
  readonly address: string | null;
  /** Ports with their real host ports (never 0). */
  readonly ports: readonly PortRule[];
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly exit: GuestExit | null;
  /** Why the state is `failed`. */
  readonly failure: ErrorShape | null;
  /** Things that work less well here than asked, in words: limits not enforced, software emulation, ... */
  readonly notes: readonly string[];
  /** For machines: what executes them. null for containers and before the first start. */
  readonly accelerator: 'kvm' | 'tcg' | null;
  /** Which consoles this guest can offer while running. */
  readonly consoles: readonly ConsoleKind[];
}

/** `main`: the terminal or output of a container's program. `serial`: a machine's first serial line.
 *  `display`: its screen (VNC). `exec`: a further program in a container. `log`: what the main program wrote so far. */
export type ConsoleKind = 'main' | 'serial' | 'display' | 'exec' | 'log';

/** A console's life belongs to the engine: tabs come and go, the session and its scrollback stay. */
export interface ConsoleSession {
  readonly id: string;
  readonly guestId: string;
  readonly kind: 'main' | 'serial' | 'exec';
  /** What the tab shows: `main`, `ttyS0`, or the command's first word. */
  readonly title: string;
  /** Whether it is a terminal (input is typed keys, output has escape sequences). */
  readonly tty: boolean;
  readonly startedAt: number;
  /** Set once the program behind it ended. */
  readonly exitCode: number | null;
  readonly ended: boolean;
}
