/**
 * What the life of a guest needs from whatever runs it. Small on purpose: the two drivers rhyme, and nothing outside
 * `drivers/` asks which one it is.
 */
import type { Duplex } from 'node:stream';
import type { ClonePlan } from '../contract/clone.ts';
import type { DiskCompacted, DiskReport, GuestDisk } from '../contract/disk.ts';
import type { FileChange, GuestProcess } from '../contract/files.ts';
import type { ConsoleKind, GuestAddress, GuestExit, GuestSpec, Isolation, PortRule } from '../contract/guest.ts';
import type { Capability, Finding } from '../contract/host.ts';
import type { MachineInside } from '../contract/inside.ts';
import type { Accelerator, Firmware, MachineFound } from '../contract/machine.ts';
import type { Progress } from '../contract/operation.ts';
import type { Rescue, RescueLog, RescueUser } from '../contract/rescue.ts';
import type { Log } from '../host/log.ts';
import type { Paths } from '../host/paths.ts';
import type { Undo } from '../host/undo.ts';
import type { ImageStore } from '../images/store.ts';
import type { House } from '../networks/house.ts';
import type { ConsoleEndpoint, ExecRequest } from './endpoint.ts';
import type { GuestFiles, LogPiece, LogRequest } from './reach.ts';

export type { ConsoleEndpoint, ExecRequest } from './endpoint.ts';

/** What drivers are given once. */
export interface DriverContext {
  readonly paths: Paths;
  readonly log: Log;
  readonly house: House;
  readonly images: ImageStore;
  /** Absolute path of a volume's folder on the host, by name. Throws `not-found`. See `hostMounts` in mounts.ts. */
  readonly volumes: { path(name: string): Promise<string> };
  /** Where `sys` and `dev` of the host's devices are; left out: `/`. For tests. */
  readonly devicesRoot?: string;
  /** A guest's name by its id. Left out: for tests, in which the id is said. */
  readonly nameOf?: (guestId: string) => string | undefined;
  // To be called when a running guest ended, was paused or resumed without us asking (once per event).
  /**
   * `startedAt`: of the run that ended, as its `Running` says; the guest may run anew by the time this is heard. What it
   * answers resolves when the end is recorded and told.
   */
  readonly onExited: (guestId: string, exit: GuestExit, startedAt: number) => Promise<void>;
  /** `why`: its `standsFor`. */
  readonly onPaused: (guestId: string, paused: boolean, why: string | null) => void;
  /** A console session appeared or ended by itself. */
  readonly onNote: (guestId: string, note: string) => void;
}

/** A guest as drivers see it: what guest.json holds. */
export interface GuestRecord {
  readonly id: string;
  readonly spec: GuestSpec;
  /** Image id in the store (`sha256:…`), resolved at creation; null without an image. */
  readonly imageId: string | null;
  /** Absolute path of the ISO, resolved at creation. */
  readonly isoPath: string | null;
  /** IPv4 address on its first network. */
  readonly address: string | null;
  /** On all its networks, the first one first; left out by records of before there were several. */
  readonly addresses?: readonly GuestAddress[];
  /** `52:54:00:…`, fixed for the guest's life. */
  readonly mac: string;
  readonly ports: readonly PortRule[];
  /** Volumes made for it because its image wants them, by name, and where they are seen. */
  readonly ownVolumes?: readonly { readonly volume: string; readonly target: string }[];
}

/** Beside every long act. */
export interface OperationContext {
  readonly signal: AbortSignal;
  readonly undo: Undo;
  progress(progress: Progress): void;
  /** Writes a line of output into the operation's log. Left out where nobody keeps one. */
  log?(line: string): void;
}

/** What a successful start (or re-adoption) says of the guest. */
export interface Running {
  /** Main process on the host: container's first process, or QEMU. */
  readonly pid: number;
  readonly startedAt: number;
  readonly paused: boolean;
  /** Why it stands still, or stands still less well than asked, as a sentence; shown until it goes on. */
  readonly standsFor?: string | null;
  readonly accelerator: Accelerator | null;
  /** Hardware of a machine. */
  readonly machine?: MachineFound;
  /** What works less well than asked, in words. */
  readonly notes: readonly string[];
  readonly consoles: readonly ConsoleKind[];
  /** Whether the spec's memory is all the host gives to it; an emulator needs what it needs on top. */
  readonly memoryBounded: boolean;
  /** Resolves when the guest's own user space answered; left out where it runs as soon as the start is done. */
  readonly up?: Promise<unknown>;
}

/** A picture of a guest's screen. */
export interface Screenshot {
  readonly png: Uint8Array;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

export interface KeysRequest {
  /** Keys pressed together, joined by `-` (`ctrl-alt-delete`), one after the other. */
  readonly keys: readonly string[];
  /** Typed after them, by the keyboard its spec names. */
  readonly text: string;
  readonly signal: AbortSignal;
}

/** Where a guest's counters are read; all cumulative. null: not known here. */
export interface Counters {
  /** Nanoseconds of processor time. */
  readonly cpuNs: number | null;
  readonly memoryBytes: number | null;
  readonly diskReadBytes: number | null;
  readonly diskWriteBytes: number | null;
  /** The following are left out where they are not known. Operations on its disks. */
  readonly diskReadOps?: number | undefined;
  readonly diskWriteOps?: number | undefined;
  /** Processes and threads now (not cumulative). */
  readonly processes?: number | undefined;
  /** Memory in use as the guest sees it, now. */
  readonly guestMemoryBytes?: number | undefined;
  /** Microseconds in which something in it waited for a processor, for memory, for a disk. */
  readonly cpuPressureUs?: number | undefined;
  readonly memoryPressureUs?: number | undefined;
  readonly ioPressureUs?: number | undefined;
}

/** What may change on a running guest. */
export type LiveChange = Partial<
  Pick<
    GuestSpec,
    'cpus' | 'memoryMib' | 'pidsLimit' | 'io' | 'diskGib' | 'disks' | 'iso' | 'hostDevices' | 'mounts' | 'machine'
  >
>;

/** Looking after the disks of a guest. All but `list` of one that does not run. */
export interface GuestDisks {
  list(guest: GuestRecord): Promise<readonly GuestDisk[]>;
  /** Gives room back to the host that the guest does not use. All or nothing. Throws `not-found`. */
  compact(guest: GuestRecord, name: string, operation: OperationContext): Promise<DiskCompacted>;
  /** `repair`: mends what it can. Throws `not-found`, and `bad-data` for what is no disk any more. */
  check(guest: GuestRecord, name: string, repair: boolean, operation: OperationContext): Promise<DiskReport>;
}

/** The disks of a guest that does not run, reached through a small machine of ours. */
export interface GuestRescue {
  /** null: they are not open. */
  now(guestId: string): Rescue | null;
  /** All or nothing through `undo`. Throws `wrong-state` when they are open already. */
  open(
    guest: GuestRecord,
    wish: { readonly write: boolean; readonly root: string | null },
    operation: OperationContext,
  ): Promise<Rescue>;
  /** Of opened disks: an encrypted device of theirs. Throws `denied` for another passphrase. */
  unlock(guest: GuestRecord, device: string, passphrase: string, operation: OperationContext): Promise<Rescue>;
  /** What was written is on the disks afterwards. Idempotent. */
  close(guest: GuestRecord): Promise<void>;
  shell(guest: GuestRecord, size: { readonly columns: number; readonly rows: number }): Promise<ConsoleEndpoint>;
  users(guest: GuestRecord): Promise<readonly RescueUser[]>;
  /** `hash`: as crypt(3) writes one. Throws `not-found`. */
  setPassword(guest: GuestRecord, user: string, hash: string): Promise<void>;
  addKey(guest: GuestRecord, user: string, key: string): Promise<void>;
  logs(guest: GuestRecord): Promise<readonly RescueLog[]>;
  log(guest: GuestRecord, name: string, lines: number, signal: AbortSignal): Promise<string>;
}

/** With what a guest starts, beside its storage. */
export interface StartWith {
  /**
   * A memory that was kept: the guest goes on where it was. `loaded` is called when it is in and nothing ran yet; from then
   * on it fits the storage no more.
   */
  readonly memory?: { readonly folder: string; loaded(): Promise<void> };
  /**
   * Resolves when it is on the disk that the guest is to run; rejects when that could not be written. What would outlive us
   * waits for it; whatever only gets ready need not. Left out: it is there already.
   */
  readonly intent?: Promise<void>;
}

/** What taking a snapshot made, beside what the guest goes on with. */
export interface SnapshotMade {
  readonly memory: boolean;
  readonly picture: boolean;
}

/**
 * Snapshots of a guest's storage, by id. The guest may run in all but `restore`. `folder`: of one snapshot alone; what
 * the driver keeps there beside the storage is its own business, but for `screen.png`.
 */
export interface GuestSnapshots {
  /** Why the memory of the running guest cannot be kept, as a sentence; null: it can, as far as is known. */
  memoryProblem(guest: GuestRecord): string | null;
  /** What the guest has that is no part of a snapshot, by name. */
  leftOut(guest: GuestRecord): readonly string[];
  /** All or nothing. The guest stands still for a moment and goes on. */
  take(
    guest: GuestRecord,
    snapshot: { readonly id: string; readonly folder: string; readonly memory: boolean },
    operation: OperationContext,
  ): Promise<SnapshotMade>;
  /** Carried on when it is asked for again after a crash. `guest`: as it was then. */
  restore(guest: GuestRecord, snapshot: { readonly id: string; readonly folder: string }): Promise<void>;
  /** Of those not in `kept` nothing is left but what others stand on. Carried on when asked for again. */
  sweep(guest: GuestRecord, kept: ReadonlySet<string>, operation: OperationContext): Promise<void>;
  /** Makes the storage of `to` as it was in a snapshot of `from`. `linked`: what they have in common is there once. */
  branch(
    from: GuestRecord,
    snapshot: { readonly id: string; readonly folder: string },
    to: GuestRecord,
    operation: OperationContext,
  ): Promise<void>;
  /** Bytes on the host, by snapshot (without its folder); null: written since the last. */
  sizes(guest: GuestRecord): Promise<ReadonlyMap<string | null, number>>;
}

export interface Driver {
  readonly isolations: readonly Isolation[];
  /** Folders an image wants kept apart become volumes of their own. Left out: they stay in the guest's own storage. */
  readonly imageVolumes?: boolean;
  /** Whether each isolation is possible here, by trying. Cached; `fresh` asks again. */
  capabilities(fresh?: boolean): Promise<readonly Capability[]>;
  /** Lines for the doctor about this driver's tools. */
  doctor(fresh?: boolean): Promise<readonly Finding[]>;
  /** Makes the guest's own storage. All or nothing through `undo`. */
  create(guest: GuestRecord, operation: OperationContext): Promise<void>;
  /** Everything until the main program runs. All or nothing through `undo`. */
  start(guest: GuestRecord, operation: OperationContext, withWhat?: StartWith): Promise<Running>;
  /**
   * Keeps the guest's memory in the folder, which is empty, and ends it. `kept` is called when all of it is on the disk and
   * the guest, standing still, is about to be ended. Left out by drivers that cannot.
   */
  suspend?(guest: GuestRecord, folder: string, operation: OperationContext, kept: () => Promise<void>): Promise<void>;
  /** Left out by drivers that have none. */
  readonly snapshots?: GuestSnapshots;
  /** Polite, then after `graceMs` not. Resolves when it is gone and its run-time things are cleaned up. */
  stop(guest: GuestRecord, graceMs: number, operation: OperationContext): Promise<void>;
  kill(guest: GuestRecord): Promise<void>;
  /** Fits a stopped guest's storage to its changed spec. Left out: a changed spec asks nothing of it. */
  remake?(guest: GuestRecord, before: GuestSpec, operation: OperationContext): Promise<void>;
  /** Removes storage that the spec names no more. */
  sweep?(guest: GuestRecord): Promise<void>;
  /** Left out by drivers whose guests have no disks. */
  readonly disks?: GuestDisks;
  /** Left out by drivers whose guests' files are reached without. */
  readonly rescue?: GuestRescue;
  /** Answers its `standsFor`. */
  pause(guest: GuestRecord): Promise<string | null>;
  resume(guest: GuestRecord): Promise<void>;
  /** Sends a signal (its number) to the main program. Left out by drivers whose guests have none to send it to. */
  signal?(guest: GuestRecord, signal: number): Promise<void>;
  /** Fields of the spec that `update` changes on a running guest. */
  readonly liveFields?: ReadonlySet<keyof GuestSpec>;
  /** Of these fields, those that cannot be changed to what `next` says after all; left out: all can. */
  needsRestart?(guest: GuestRecord, field: keyof GuestSpec, next: GuestSpec): boolean;
  /** What of this field a running guest can have, as a sentence; null: nothing else. Left out: nobody knows. */
  liveRange?(guest: GuestRecord, field: keyof GuestSpec): string | null;
  /** Changes a running guest: all of it or, when it throws, nothing. */
  update?(guest: GuestRecord, change: LiveChange): Promise<void>;
  /**
   * Makes the storage of `to` as a copy of `from`'s, which does not run or stands still. All or nothing through `undo`.
   * Left out by drivers that cannot.
   */
  copyData?(from: GuestRecord, to: GuestRecord, operation: OperationContext): Promise<void>;
  /** After `copyData`, when the original goes on: the copy comes to share nothing with it. Left out: it never does. */
  partCopy?(copy: GuestRecord, operation: OperationContext): Promise<void>;
  /**
   * The same as `copyData`, but what the original has now is there once, for both. Left out by drivers that cannot; throws
   * `unsupported` for guests of which nothing can be shared.
   */
  linkData?(from: GuestRecord, to: GuestRecord, operation: OperationContext): Promise<void>;
  /** What either would take. Left out: nobody knows, and nothing can be shared. */
  copyRoom?(guest: GuestRecord): Promise<ClonePlan>;
  /** In which form `exportData` gives and `importData` takes data: an OCI layer (plain tar), or a whole disk (qcow2). */
  readonly dataKind?: 'layer' | 'disk';
  /**
   * The storage of a guest that does not run, in a form any host can take. `disk`: of that one of its disks (`GuestSpec`);
   * left out: of its own, without which it throws `unsupported`.
   */
  exportData?(guest: GuestRecord, operation: OperationContext, disk?: string): AsyncIterable<Uint8Array>;
  /**
   * Makes the guest's storage, or its disk of that name, of such data, whose origin is unknown. All or nothing through
   * `undo`. Throws `bad-data`.
   */
  importData?(
    guest: GuestRecord,
    source: AsyncIterable<Uint8Array>,
    operation: OperationContext,
    disk?: string,
  ): Promise<void>;
  /**
   * The same of a file of ours in the same home, which becomes the guest's: nothing is copied. Left out by drivers that
   * cannot.
   */
  importFile?(guest: GuestRecord, path: string, operation: OperationContext): Promise<void>;
  /** The firmware a machine has or would have been given by now; null: not decided yet. Left out by drivers without any. */
  firmware?(guest: GuestRecord): Promise<Firmware | null>;
  /** Removes storage and every trace; also of a half-made or half-removed guest. Idempotent. */
  remove(guest: GuestRecord): Promise<void>;
  /** At engine start: is it running? Then meet it again (and watch for its end). null: it is not. Must be quick. */
  adopt(guest: GuestRecord): Promise<Running | null>;
  /** How the last run ended, if that is known although nobody watched. Also cleans up what the run left. */
  reap(guest: GuestRecord): Promise<GuestExit | null>;
  /** Main or serial console, and exec sessions still alive. */
  endpoints(guest: GuestRecord): Promise<readonly ConsoleEndpoint[]>;
  /** Throws `unsupported` where the driver cannot. */
  exec(guest: GuestRecord, request: ExecRequest): Promise<ConsoleEndpoint>;
  /** Ends an exec session's program. */
  endExec(guest: GuestRecord, endpointId: string): Promise<void>;
  /**
   * What a machine plays from now on, as samples (contract/sound.ts), until it ends or `signal`. Throws `unsupported` for one
   * without a sound card. Left out: there is none.
   */
  sound?(guest: GuestRecord, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /** A connection to the guest's screen (RFB). Throws `unsupported` where there is none. */
  display(guest: GuestRecord): Promise<Duplex>;
  /** Its screen as a PNG. Left out by drivers whose guests have none. Throws `wrong-state` when it does not run. */
  screenshot?(guest: GuestRecord, options: { readonly maxWidth: number | null }): Promise<Screenshot>;
  /** Types on its keyboard. Throws `invalid` before the first key when one is not known. */
  sendKeys?(guest: GuestRecord, keys: KeysRequest): Promise<void>;
  /** What the main program wrote, as bytes. Ends when `signal` fires, or at its end / at once without `follow`. */
  log(guest: GuestRecord, request: LogRequest): AsyncIterable<LogPiece>;
  /** Left out by drivers that cannot look into a guest. */
  files?(guest: GuestRecord): GuestFiles;
  /** Its processes as the host sees them. Throws `wrong-state` when it does not run. */
  top?(guest: GuestRecord): Promise<readonly GuestProcess[]>;
  /** A running guest seen through what runs it. Left out by drivers whose guests have no emulator. */
  inside?(guest: GuestRecord): Promise<MachineInside>;
  /** One line for its emulator's monitor, and the answer. Left out by drivers whose guests have no emulator. */
  monitor?(guest: GuestRecord, line: string): Promise<string>;
  /** What differs from the image. Left out by drivers that cannot tell. */
  diff?(guest: GuestRecord): Promise<readonly FileChange[]>;
  /**
   * What the guest changed since it was made, as an OCI layer (plain tar) over its image's. Left out by drivers whose
   * guests have no layer.
   */
  layer?(guest: GuestRecord, options: { readonly signal: AbortSignal }): AsyncIterable<Uint8Array>;
  /** One quick reading (no process is started for it, nobody is waited for). null when not running. */
  counters(guest: GuestRecord): Counters | null;
  /** Lets go of everything without ending any guest. */
  /** A guest will be started in a moment: what takes long to be there is begun. */
  warm?(): void;
  close(): Promise<void>;
}
