/** How a guest runs when nothing is said about it. */
import type { GuestSpec, IoLimits } from '../contract/guest.ts';
import { AUTO_MACHINE } from '../contract/machine.ts';

/** Room for a busy service; a fork bomb stops here. */
const DEFAULT_PIDS = 4096;
/** What a stop waits for the guest's own shutdown before it kills (ms). */
const DEFAULT_STOP_GRACE_MS = 10_000;

export const NO_IO_LIMITS: IoLimits = {
  readBytesPerSecond: null,
  writeBytesPerSecond: null,
  readOpsPerSecond: null,
  writeOpsPerSecond: null,
};

export const RUN_DEFAULTS = {
  moreNetworks: [],
  aliases: [],
  macAddress: null,
  entrypoint: null,
  user: null,
  workingDir: null,
  hostname: null,
  tty: true,
  init: false,
  readOnlyRoot: false,
  tmpfs: [],
  devices: [],
  capabilities: { add: [], drop: [] },
  seccomp: 'default',
  noNewPrivileges: false,
  ulimits: [],
  pidsLimit: DEFAULT_PIDS,
  io: NO_IO_LIMITS,
  diskOptions: { cache: 'writeback', discard: true },
  disks: [],
  health: null,
  restart: { when: 'no', maxRetries: null },
  stopSignal: null,
  stopGraceMs: DEFAULT_STOP_GRACE_MS,
  labels: {},
  disposable: false,
  firstLogin: null,
  hostDevices: [],
  machine: AUTO_MACHINE,
} as const satisfies Partial<GuestSpec>;
