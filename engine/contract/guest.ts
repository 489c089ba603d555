/**
 * The guest: what was asked for (`GuestSpec`), and what is (`Guest`). The isolation is one field of it.
 */
import type { DiskOptions, MachineDisk } from './disk.ts';
import type { ErrorShape } from './errors.ts';
import type { FirstLogin } from './first-login.ts';
import type { HostDeviceRef } from './host-device.ts';
import type { Accelerator, MachineFound, MachineSpec } from './machine.ts';
import type { Rescue } from './rescue.ts';

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

/** A port of the host that leads to a port of the guest. */
export interface PortRule {
  /** Address of the host it listens on, IPv4 or IPv6; `127.0.0.1` unless asked otherwise. */
  readonly hostIp: string;
  /** 1 to 65535. 0 in a request means: choose a free one at creation. */
  readonly hostPort: number;
  readonly guestPort: number;
  readonly protocol: 'tcp' | 'udp';
}

/** A folder of the host, or a named volume, seen inside the guest. */
export interface Mount {
  /** Absolute path on the host, or the name of a volume (which never starts with `/`). */
  readonly source: string;
  /** Absolute path in the guest. */
  readonly target: string;
  readonly readOnly: boolean;
  /** The files belong to the user the guest's program runs as, whatever user that is. Left out: false. */
  readonly owned?: boolean;
}

/** A file system in memory, empty at every start. */
export interface Tmpfs {
  readonly target: string;
  /** null: half of the guest's memory. */
  readonly sizeMib: number | null;
}

/** A device node of the host given to a container. */
export interface DeviceRule {
  /** Absolute path on the host, e.g. `/dev/fuse`. */
  readonly source: string;
  readonly target: string;
  /** Some of `r`, `w` and `m` (read, write, make the node). */
  readonly access: string;
}

/** A resource limit of the guest's processes (setrlimit(2)). -1: none. */
export interface Ulimit {
  /** Lower case without `RLIMIT_`: `nofile`, `nproc`, `core`. */
  readonly name: string;
  readonly soft: number;
  readonly hard: number;
}

/** Limits of the guest's disk traffic, of all its disks together; null: no limit. */
export interface IoLimits {
  readonly readBytesPerSecond: number | null;
  readonly writeBytesPerSecond: number | null;
  readonly readOpsPerSecond: number | null;
  readonly writeOpsPerSecond: number | null;
}

/** A program run now and then inside the guest; exit code 0 means healthy. */
export interface HealthCheck {
  /** Program and arguments; empty: the image's own check is switched off. */
  readonly command: readonly string[];
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Failures this long after the start do not count. */
  readonly startPeriodMs: number;
  /** So many failures in a row make it unhealthy. */
  readonly retries: number;
}

export interface HealthState {
  readonly status: 'starting' | 'healthy' | 'unhealthy';
  readonly failingStreak: number;
  /** What the last check wrote, shortened; null before the first. */
  readonly lastOutput: string | null;
  readonly checkedAt: number | null;
}

/** What happens when the guest's program ends by itself. `unless-stopped` differs from `always` after a restart of the
 *  host only: a guest stopped by hand stays so. */
export interface RestartPolicy {
  readonly when: 'no' | 'on-failure' | 'always' | 'unless-stopped';
  /** For `on-failure`; null: without end. The wait doubles from 100 ms to a minute. */
  readonly maxRetries: number | null;
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
  /**
   * Size of a machine's disk; null: the image's own size (a container's layer has no limit of its own). 0: it has no disk of
   * its own, and starts from a medium or from the first of its further disks.
   */
  readonly diskGib: number | null;
  readonly ports: readonly PortRule[];
  readonly mounts: readonly Mount[];
  readonly env: Readonly<Record<string, string>>;
  /** Replaces the image's command; null: the image's own. */
  readonly command: readonly string[] | null;
  /** How a machine's first disk is run. */
  readonly diskOptions: DiskOptions;
  /** Further disks of a machine. */
  readonly disks: readonly MachineDisk[];
  /**
   * Absolute path of an ISO file on the host, or the name of an ISO image in the store; `''`: the drive is empty, also where
   * the image is a medium itself. Machines only.
   */
  readonly iso: string | null;
  /**
   * `nat` reaches out and is reached by its ports only; `none` has no network at all; `host` shares the host's own
   * (containers only, no wall); anything else names a network made with `networks.create`.
   */
  readonly network: string;
  /** Further networks it is on at the same time, by name. */
  readonly moreNetworks: readonly string[];
  /** Further names others on its networks find it by. */
  readonly aliases: readonly string[];
  /** Hardware address of its first network card, six bytes in hex with `:` or `-`; null: one of its own. */
  readonly macAddress: string | null;

  /** Replaces the image's entrypoint; null: the image's own. `[]`: none. */
  readonly entrypoint: readonly string[] | null;
  /** `user[:group]` by name or number; null: the image's own. */
  readonly user: string | null;
  /** Absolute path; null: the image's own. */
  readonly workingDir: string | null;
  /** null: the guest's name. */
  readonly hostname: string | null;
  /** Whether the main program has a terminal. Without one its output and errors are told apart. */
  readonly tty: boolean;
  /**
   * The program is shown by whoever starts it, as in a pipe: its output is kept for them from the first byte on, and
   * without a terminal its input ends when they say so or let go of it. Left out: false, its input stays open for whoever
   * comes.
   */
  readonly inputOnce?: boolean;
  /** A small init is process 1: it passes on signals and reaps what others leave. */
  readonly init: boolean;
  /** The root file system cannot be written. */
  readonly readOnlyRoot: boolean;
  readonly tmpfs: readonly Tmpfs[];
  readonly devices: readonly DeviceRule[];
  /** Names without `CAP_`, upper case; `ALL` is understood in both. */
  readonly capabilities: { readonly add: readonly string[]; readonly drop: readonly string[] };
  /** `default`, `unconfined`, or the absolute path of a profile in the form of containers/common's seccomp.json. */
  readonly seccomp: string;
  /** No program in the guest gains rights by a set-uid bit. */
  readonly noNewPrivileges: boolean;
  readonly ulimits: readonly Ulimit[];
  /** Most processes and threads at a time. */
  readonly pidsLimit: number;
  readonly io: IoLimits;
  /** null: the image's own. */
  readonly health: HealthCheck | null;
  readonly restart: RestartPolicy;
  /** `SIGTERM`, `SIGQUIT`, ...; null: the image's own, else `SIGTERM`. */
  readonly stopSignal: string | null;
  /** How long a stop waits before it kills. */
  readonly stopGraceMs: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Removed with its data as soon as it ends. */
  readonly disposable: boolean;
  /** User, password and keys for a system that reads a cloud-init seed; null: none. Machines with a system of their own only. */
  readonly firstLogin: FirstLogin | null;
  /** USB and PCI devices of the host that it is given, to itself alone. Machines only. */
  readonly hostDevices: readonly HostDeviceRef[];
  /** The hardware. Machines only. */
  readonly machine: MachineSpec;
}

/** How the last run ended. */
export interface GuestExit {
  /** Exit code of the main program; null when nobody could see it (a machine that was powered off). */
  readonly code: number | null;
  /** Signal that ended it, e.g. 9, if one did. */
  readonly signal: number | null;
  /** Ended by the kernel for want of memory. */
  readonly outOfMemory: boolean;
  /** Why it broke off by itself, to be read after a colon: `its kernel panicked (…).` */
  readonly crash?: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Where a guest is on one network. */
export interface GuestAddress {
  /** The network's name. */
  readonly network: string;
  readonly v4: string | null;
  readonly v6: string | null;
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
  /** IPv4 address on its first network, known as soon as it is created; null with `none` and `host`. */
  readonly address: string | null;
  /** All addresses, the first network's first. */
  readonly addresses: readonly GuestAddress[];
  /** Hardware address of its first network card; left out with `none` and `host`. */
  readonly mac?: string;
  /** Ports with their real host ports (never 0). */
  readonly ports: readonly PortRule[];
  /** It does not run, but its memory is kept since then: it goes on there when it is started. Left out: it is not. */
  readonly suspendedAt?: number;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly exit: GuestExit | null;
  /** null while it does not run, and without a health check. */
  readonly health: HealthState | null;
  /** How often its restart policy started it anew since a person last did. */
  readonly restarts: number;
  /** Why the state is `failed`. */
  readonly failure: ErrorShape | null;
  /** Things that work less well here than asked, in words: limits not enforced, software emulation, ... */
  readonly notes: readonly string[];
  /** For machines: what executes them. null for containers and before the first start. */
  readonly accelerator: Accelerator | null;
  /** For machines that run: the hardware that was decided on. Left out for others. */
  readonly machine?: MachineFound;
  /** Set while its disks are open (`rescue.open`). */
  readonly rescue?: Rescue;
  /** Which consoles this guest can offer while running. */
  readonly consoles: readonly ConsoleKind[];
}

/** `main`: the terminal or output of a container's program. `serial`: a machine's first serial line.
 *  `display`: its screen (VNC). `exec`: a further program in a container. `log`: what the main program wrote so far.
 *  `monitor`: the emulator's own, which every machine has (call `guests.monitor`); it is no session. */
export type ConsoleKind = 'main' | 'serial' | 'display' | 'exec' | 'log' | 'monitor';

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
