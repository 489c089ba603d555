/**
 * Guest + image + limits -> config.json of the OCI runtime-spec 1.0. Pure. The secure defaults are here: fresh /proc,
 * /dev, /dev/pts, /dev/shm, /dev/mqueue and read-only /sys, namespaces of its own, masked and read-only kernel files,
 * eleven capabilities, a device list that is the runtime's own, and a seccomp profile.
 */
import type { Mount, Tmpfs } from '../../contract/guest.ts';
import type { DeviceNode } from './devices.ts';
import { blockIo, type IoThrottle } from './io-limits.ts';
import type { ProcessSpec } from './process-spec.ts';
import type { Seccomp } from './seccomp.ts';

export interface Limits {
  readonly cpus: number;
  readonly memoryMib: number;
  readonly pids: number;
  /** Whether the kernel can limit memory and swap together; otherwise only memory is limited. */
  readonly swap: boolean;
  /** null: none. */
  readonly io: IoThrottle | null;
}

export interface BundleRequest {
  readonly process: ProcessSpec;
  readonly hostname: string;
  /** Absolute path of the mounted overlay, inside the house. */
  readonly rootPath: string;
  /** Path of the network namespace, inside the house; null: a fresh one without any device but loopback. */
  readonly networkPath: string | null;
  /** It shares the network of whoever starts the runtime: the host's. Left out: false. */
  readonly hostNetwork?: boolean;
  /** Folder with `hosts`, `hostname` and `resolv.conf` of this guest. */
  readonly etcFolder: string;
  readonly readOnlyRoot: boolean;
  /** Mounted from the shortest path to the longest, together with `tmpfs`, so that one may lie in another. */
  readonly mounts: readonly (Mount & { readonly flags: readonly string[] })[];
  readonly tmpfs: readonly Tmpfs[];
  /** Of a file system in memory without a size of its own (MiB). */
  readonly tmpfsMib: number;
  readonly devices: readonly DeviceNode[];
  /** Whether the runtime can make device nodes; otherwise the host's own are shown. */
  readonly makesNodes: boolean;
  /** Path on the host of the small init that is process 1; null: the program is. */
  readonly initPath: string | null;
  /** null: unconfined. */
  readonly seccomp: Seccomp | null;
  /** How its control groups are seen in /sys/fs/cgroup; there is nothing to see without a group of its own. */
  readonly cgroupView: CgroupView;
  /** null: limits cannot be enforced here. */
  readonly limits: Limits | null;
  /** null: the runtime makes none. */
  readonly cgroupsPath: string | null;
  /** Whether ids other than 0 exist in the house; with a single one terminals cannot belong to the group `tty`. */
  readonly manyIds: boolean;
}

/** The runtime shows them read-only; or each of these hierarchies of version 1 is mounted by us, none if there are none. */
export type CgroupView = 'runtime' | readonly string[];

interface OciMount {
  readonly destination: string;
  readonly type?: string;
  readonly source: string;
  readonly options: readonly string[];
}

export interface OciConfig {
  readonly ociVersion: string;
  readonly process: ProcessSpec;
  readonly root: { readonly path: string; readonly readonly: boolean };
  readonly hostname: string;
  readonly mounts: readonly OciMount[];
  readonly linux: {
    readonly namespaces: readonly { readonly type: string; readonly path?: string }[];
    readonly cgroupsPath?: string;
    readonly sysctl?: Readonly<Record<string, string>>;
    readonly resources: Readonly<Record<string, unknown>>;
    readonly devices?: readonly Readonly<Record<string, unknown>>[];
    readonly seccomp?: Seccomp;
    readonly maskedPaths: readonly string[];
    readonly readonlyPaths: readonly string[];
  };
}

export const CPU_PERIOD_US = 100_000;
/** The kernel refuses smaller quotas. */
const CPU_QUOTA_MIN_US = 1_000;
const SHM_SIZE = '65536k';
const TTY_GROUP = 'gid=5';

const KERNEL_MOUNTS: readonly OciMount[] = [
  { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
  {
    destination: '/dev',
    type: 'tmpfs',
    source: 'tmpfs',
    options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
  },
  {
    destination: '/dev/pts',
    type: 'devpts',
    source: 'devpts',
    options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', TTY_GROUP],
  },
  {
    destination: '/dev/shm',
    type: 'tmpfs',
    source: 'shm',
    options: ['nosuid', 'noexec', 'nodev', 'mode=1777', `size=${SHM_SIZE}`],
  },
  { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
  { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
];

/**
 * Through the cgroup namespace: the container's own group is the root of what is seen. With version 1 the runtime makes a
 * writable file system to put the controllers in, so the place is read-only by itself too.
 */
const CGROUP_MOUNT: OciMount = {
  destination: '/sys/fs/cgroup',
  type: 'cgroup',
  source: 'cgroup',
  options: ['nosuid', 'noexec', 'nodev', 'relatime', 'ro'],
};

/** The same where the runtime cannot: first a place for them, then each hierarchy's group. */
function boundCgroups(hierarchies: readonly string[], group: string): OciMount[] {
  const flags = ['nosuid', 'noexec', 'nodev'];
  const { destination } = CGROUP_MOUNT;
  const place: OciMount = {
    destination,
    type: 'tmpfs',
    source: 'tmpfs',
    options: [...flags, 'ro', 'mode=755', 'size=64k'],
  };
  return [
    place,
    ...hierarchies.map((name) => bind(`${destination}/${name}${group}`, `${destination}/${name}`, [...flags, 'ro'])),
  ];
}

/** In /dev, which is fresh at every start, so that it is never among what the guest changed. */
export const INIT_PLACE = '/dev/guesthouse-init';

const MASKED = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/dev/block',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
  '/sys/fs/selinux',
] as const;
const READ_ONLY = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'] as const;

export function buildBundle(request: BundleRequest): OciConfig {
  return {
    ociVersion: '1.0.2',
    process: request.process,
    root: { path: request.rootPath, readonly: request.readOnlyRoot },
    hostname: request.hostname,
    mounts: [
      ...kernelMounts(request).map((mount) =>
        request.manyIds ? mount : { ...mount, options: mount.options.filter((option) => option !== TTY_GROUP) },
      ),
      ...['hosts', 'hostname', 'resolv.conf'].map((file) => ({
        destination: `/etc/${file}`,
        type: 'bind',
        source: `${request.etcFolder}/${file}`,
        options: ['bind', 'rprivate', 'nosuid', 'nodev', 'noexec', 'rw'],
      })),
      ...cgroupMounts(request),
      ...(request.initPath === null ? [] : [bind(request.initPath, INIT_PLACE, ['nosuid', 'nodev', 'ro'])]),
      ...[...request.mounts.map(shared), ...request.tmpfs.map((one) => inMemory(one, request.tmpfsMib))].sort(
        (a, b) => a.destination.length - b.destination.length,
      ),
      ...(request.makesNodes
        ? []
        : request.devices.map(({ source, target }) => bind(source, target, ['nosuid', 'noexec']))),
    ],
    linux: {
      namespaces: [
        { type: 'pid' },
        { type: 'ipc' },
        { type: 'uts' },
        { type: 'mount' },
        { type: 'cgroup' },
        ...(request.hostNetwork
          ? []
          : [{ type: 'network', ...(request.networkPath === null ? {} : { path: request.networkPath }) }]),
      ],
      ...(request.cgroupsPath === null ? {} : { cgroupsPath: request.cgroupsPath }),
      ...(request.networkPath === null && !request.hostNetwork ? { sysctl: ownNamespace(request.manyIds) } : {}),
      resources: resources(request.limits, request.devices),
      ...(request.makesNodes && request.devices.length > 0 ? { devices: request.devices.map(madeNode) } : {}),
      ...(request.seccomp === null ? {} : { seccomp: request.seccomp }),
      maskedPaths:
        request.hostNetwork && !request.makesNodes
          ? [...MASKED, ...(cgroupMounts(request).length > 0 ? [] : [CGROUP_MOUNT.destination])]
          : MASKED,
      readonlyPaths: request.cgroupView === 'runtime' ? [...READ_ONLY, CGROUP_MOUNT.destination] : READ_ONLY,
    },
  };
}

function cgroupMounts({ cgroupView, cgroupsPath }: BundleRequest): readonly OciMount[] {
  if (cgroupView === 'runtime') return [CGROUP_MOUNT];
  return cgroupView.length === 0 || cgroupsPath === null ? [] : boundCgroups(cgroupView, cgroupsPath);
}

/**
 * The kernel shows /sys anew only to who owns the network namespace seen in it; an ordinary user sees the host's, whose
 * control groups are then covered.
 */
function kernelMounts({ hostNetwork, makesNodes }: BundleRequest): readonly OciMount[] {
  if (!hostNetwork || makesNodes) return KERNEL_MOUNTS;
  const options = ['rbind', 'rprivate', 'nosuid', 'noexec', 'nodev', 'ro'];
  return KERNEL_MOUNTS.map((mount) =>
    mount.destination === '/sys' ? { ...mount, type: 'bind', source: '/sys', options } : mount,
  );
}

/** As in the namespaces the house makes: any port may be served, and everybody may ping, whoever the program runs as. */
function ownNamespace(manyIds: boolean): Record<string, string> {
  return {
    'net.ipv4.ip_unprivileged_port_start': '0',
    'net.ipv4.ping_group_range': manyIds ? '0 65535' : '0 0',
  };
}

function bind(source: string, destination: string, options: readonly string[]): OciMount {
  return { destination, type: 'bind', source, options: ['bind', 'rprivate', ...options] };
}

function shared({ source, target, flags, readOnly }: BundleRequest['mounts'][number]): OciMount {
  const options = [...new Set(['rbind', 'rprivate', 'nosuid', 'nodev', ...flags, readOnly ? 'ro' : 'rw'])];
  return { destination: target, type: 'bind', source, options };
}

/** Programs may be run from it, as from the rest of the root: those that unpack themselves into /tmp need it. */
function inMemory({ target, sizeMib }: Tmpfs, otherwiseMib: number): OciMount {
  const options = ['nosuid', 'nodev', 'mode=1777', `size=${sizeMib ?? otherwiseMib}m`];
  return { destination: target, type: 'tmpfs', source: 'tmpfs', options };
}

function madeNode({ target, type, major, minor, mode, uid, gid }: DeviceNode): Record<string, unknown> {
  return { path: target, type, major, minor, fileMode: mode, uid, gid };
}

/** Swap equals memory: a guest that has used its memory up is out of memory, not slow. */
function resources(limits: Limits | null, given: readonly DeviceNode[]): Record<string, unknown> {
  const devices = [
    { allow: false, access: 'rwm' },
    ...given.map(({ type, major, minor, access }) => ({ allow: true, type, major, minor, access })),
  ];
  if (!limits) return { devices };
  const memory = limits.memoryMib * 1024 * 1024;
  return {
    devices,
    memory: { limit: memory, ...(limits.swap ? { swap: memory } : {}) },
    cpu: { quota: cpuQuotaUs(limits.cpus), period: CPU_PERIOD_US },
    pids: { limit: limits.pids },
    ...(limits.io ? { blockIO: blockIo(limits.io) } : {}),
  };
}

/** Processor time per `CPU_PERIOD_US`. */
export function cpuQuotaUs(cpus: number): number {
  return Math.max(CPU_QUOTA_MIN_US, Math.round(cpus * CPU_PERIOD_US));
}
