/**
 * Everything a window, the CLI or a script can do with the engine: name -> arguments -> result.
 * Validated once, at the edge (`engine/api/schemas.ts`); carried by `wire.ts` over any carrier.
 */

import type { Catalogue } from './catalogue.ts';
import type { CloneCalls } from './clone.ts';
import type { ComposeCalls } from './compose.ts';
import type { CopyStreams } from './copy.ts';
import type { DiskCompacted, DiskReport, GuestDisk } from './disk.ts';
import type { ChangePlan, DraftCheck, GuestChange, GuestDraft } from './draft.ts';
import type { EngineEvent, EventCalls } from './event.ts';
import type { Exported, ExportFormat } from './export.ts';
import type { FileChange, GuestFolder, GuestProcess } from './files.ts';
import type { FolderCalls } from './folder.ts';
import type { ConsoleSession, Guest, PortRule } from './guest.ts';
import type { DiskUse, Finding, GuestCost, HostInfo } from './host.ts';
import type { HostDevice, HostDisk } from './host-device.ts';
import type { BuilderName, ContainerBuild, Image, Pruned } from './image.ts';
import type { ImportCalls } from './import.ts';
import type { MachineInside } from './inside.ts';
import type { History, HistoryQuery, Ranking, RankingQuery, SampleFrame } from './metrics.ts';
import type { Network, NetworkDraft } from './network.ts';
import type { Operation, OperationCalls } from './operation.ts';
import type { ReceiveStreams } from './receive.ts';
import type { Rescue, RescueLog, RescueUser } from './rescue.ts';
import type { ScreenStreams } from './screen.ts';
import type { SnapshotCalls, SnapshotStreams } from './snapshot.ts';
import type { TemplateCalls } from './template.ts';
import type { TrashCalls } from './trash.ts';
import type { Volume } from './volume.ts';

/** A guest is named by its id or its name everywhere. */
export interface GuestRef {
  readonly guest: string;
}

export interface EngineCalls
  extends CloneCalls,
    ComposeCalls,
    EventCalls,
    FolderCalls,
    ImportCalls,
    OperationCalls,
    SnapshotCalls,
    TemplateCalls,
    TrashCalls {
  'guests.list': { args: Record<string, never>; result: readonly Guest[] };
  'guests.inspect': { args: GuestRef; result: Guest };
  /** Checks a draft without creating anything. Never fails on bad input: it answers with problems. */
  'guests.check': { args: { draft: GuestDraft }; result: DraftCheck };
  'guests.create': { args: { draft: GuestDraft }; result: Guest };
  'guests.start': { args: GuestRef; result: Guest };
  /** Asks politely, waits `graceMs` (default: the guest's own `stopGraceMs`), then kills. */
  'guests.stop': { args: GuestRef & { graceMs?: number }; result: Guest };
  'guests.kill': { args: GuestRef; result: Guest };
  'guests.restart': { args: GuestRef & { graceMs?: number }; result: Guest };
  'guests.pause': { args: GuestRef; result: Guest };
  'guests.resume': { args: GuestRef; result: Guest };
  /**
   * Removes the guest and its data. Refused while it runs unless `force`. `keep`: into the trash, out of which it can be
   * had for a while; answers `kept: false` where that is not done (it is disposable, never was whole, the disk is full).
   */
  'guests.remove': { args: GuestRef & { force?: boolean; keep?: boolean }; result: { kept: boolean } };
  /** Waits until the guest is in one of the states, or answers `timeout`. */
  'guests.wait': { args: GuestRef & { states: readonly string[]; timeoutMs: number }; result: Guest };

  /** Sends a signal (`SIGHUP`) to the main program. Containers only. */
  'guests.signal': { args: GuestRef & { signal: string }; result: null };
  /**
   * Types on a machine's keyboard: keys pressed together and joined by `-` (`ctrl-alt-delete`, `f2`), one after the
   * other, then the text, as on the guest's keyboard.
   */
  'guests.sendKeys': { args: GuestRef & { keys?: readonly string[]; text?: string }; result: null };
  'guests.planChange': { args: GuestRef & { change: GuestChange }; result: ChangePlan };
  /**
   * Changes a guest. What needs it made anew is refused with `wrong-state` unless `recreate`; then it is stopped, made
   * anew with the same data and started again if it ran, and taken back to what it was should that fail.
   */
  'guests.update': { args: GuestRef & { change: GuestChange; recreate?: boolean }; result: Guest };
  'guests.rename': { args: GuestRef & { name: string }; result: Guest };
  /**
   * Writes a guest as one file of the host. Refused while it runs. `guesthouse` (left out): with its image and its data,
   * for `guests.import`. Of machines also `ova`, for VirtualBox, VMware and others, and `qcow2`: its first disk alone.
   */
  'guests.export': {
    args: GuestRef & { path: string; format?: ExportFormat };
    result: Exported;
  };
  /** What starting and keeping each guest took here; nothing of those that were not seen as they are asked for now. */
  'guests.costs': { args: Record<string, never>; result: readonly GuestCost[] };
  'guests.top': { args: GuestRef; result: readonly GuestProcess[] };
  /** A running machine seen from outside, without its guest's noticing. Machines only. */
  'guests.inside': { args: GuestRef; result: MachineInside };
  /** One line for QEMU's own monitor, for experts, and its answer. Running machines only. */
  'guests.monitor': { args: GuestRef & { line: string }; result: string };
  /** What differs from the image. Containers only. */
  'guests.diff': { args: GuestRef; result: readonly FileChange[] };

  /** A machine's drives; further disks come, go and grow by `guests.update`. */
  'disks.list': { args: GuestRef; result: readonly GuestDisk[] };
  /** Gives room back to the host that the guest does not use. Of a guest that does not run. `disk`: `root` or its name. */
  'disks.compact': { args: GuestRef & { disk: string }; result: DiskCompacted };
  /** Looks whether a disk's file is whole; `repair` mends what it can. Of a guest that does not run. */
  'disks.check': { args: GuestRef & { disk: string; repair?: boolean }; result: DiskReport };

  /**
   * Opens the disks of a machine that does not run, in a small machine of ours: `files.*`, copies and a shell then reach
   * them. Nothing is written to them unless `write`. `root`: device of the file system that paths begin at; left out: of the
   * first system there is. While they are open the guest cannot start; they are closed with the engine at the latest.
   */
  'rescue.open': { args: GuestRef & { write?: boolean; root?: string }; result: Rescue };
  /**
   * Opens an encrypted volume of opened disks; answers them anew. Throws `denied` for another passphrase, `bad-data`,
   * `unsupported`, `wrong-state`.
   */
  'rescue.unlock': { args: GuestRef & { device: string; passphrase: string }; result: Rescue };
  /** Idempotent. */
  'rescue.close': { args: GuestRef; result: null };
  /** A shell in it. There is one at a time: an earlier one ends. */
  'rescue.shell': { args: GuestRef & { columns?: number; rows?: number }; result: ConsoleSession };
  'rescue.users': { args: GuestRef; result: readonly RescueUser[] };
  /** Needs the disks open for writing. */
  'rescue.setPassword': { args: GuestRef & { user: string; password: string }; result: null };
  /** `key`: a line of authorized_keys. Needs the disks open for writing. */
  'rescue.addKey': { args: GuestRef & { user: string; key: string }; result: null };
  'rescue.logs': { args: GuestRef; result: readonly RescueLog[] };
  /** The last lines of one. */
  'rescue.log': { args: GuestRef & { name: string; lines?: number }; result: { text: string } };

  /** A folder inside the guest, also while it is stopped: a machine's, once its disks are open. */
  'files.list': { args: GuestRef & { path: string }; result: GuestFolder };
  'files.makeFolder': { args: GuestRef & { path: string }; result: null };
  'files.rename': { args: GuestRef & { path: string; to: string }; result: null };
  /** Removes a file, or a folder with everything in it. */
  'files.remove': { args: GuestRef & { path: string }; result: null };

  'images.list': { args: Record<string, never>; result: readonly Image[] };
  'images.build': { args: { builder: BuilderName }; result: Image };
  /** `path` is a file of the host; the engine and the caller are the same person. */
  'images.import': { args: { path: string; name?: string }; result: Image };
  /**
   * `reference`: `[host[:port]/]path[:tag][@sha256:…]`, `registry`: the host of one without, else the engine's setting.
   * `insecure`: any certificate, and http where there is no https.
   */
  'images.pull': { args: { reference: string; insecure?: boolean; registry?: string }; result: Image };
  /** Tags a registry tells of a repository (a reference without tag), for offering them. Answers or fails within seconds. */
  'images.tags': { args: { repository: string; insecure?: boolean }; result: readonly string[] };
  /** Official images and installers of others; what cannot be read becomes a note. */
  'images.catalogue': { args: Record<string, never>; result: Catalogue };
  /** By its name in the catalogue, which may leave out the host's architecture. */
  'images.fetch': { args: { name: string }; result: Image };
  /** Where a vendor's files are: the address of a folder; null: what the catalogue or the host says. */
  'images.setMirror': { args: { vendor: string; address: string | null }; result: Catalogue };
  'images.remove': { args: { image: string }; result: null };
  /** Gives an image a further name. */
  'images.tag': { args: { image: string; name: string }; result: Image };
  /** Writes images as one archive of the host, as `docker save` does or as an OCI layout. */
  'images.save': {
    args: { images: readonly string[]; path: string; format?: 'docker' | 'oci' };
    result: { path: string; sizeBytes: number };
  };
  /** Makes an image of what a container has become. `pause` (default) holds it meanwhile. */
  'images.commit': {
    args: GuestRef & { name: string; pause?: boolean; command?: readonly string[]; comment?: string };
    result: Image;
  };
  /** From a Containerfile, through buildah. The operation's log has its output. */
  'images.buildContainer': { args: ContainerBuild; result: Image };
  /**
   * Removes images no guest uses, and left-overs of pulls and builds; `dryRun` only says what would go. `keepNamed`: of
   * images only those that lost their name to another, and nothing of builds. `left`: no image, but whatever only saves time,
   * also the packages that were fetched for images built here.
   */
  'images.prune': { args: { dryRun?: boolean; keepNamed?: boolean; left?: boolean }; result: Pruned };

  'volumes.list': { args: Record<string, never>; result: readonly Volume[] };
  'volumes.create': { args: { name: string; labels?: Readonly<Record<string, string>> }; result: Volume };
  /** By id or name. Looks at the size anew. */
  'volumes.inspect': { args: { volume: string }; result: Volume };
  /** Throws `conflict` while guests use it. */
  'volumes.remove': { args: { volume: string }; result: null };
  /** Removes volumes no guest uses. `keepNamed`: only those that nobody gave a name. */
  'volumes.prune': { args: { dryRun?: boolean; keepNamed?: boolean }; result: Pruned };

  'networks.list': { args: Record<string, never>; result: readonly Network[] };
  'networks.create': { args: { draft: NetworkDraft }; result: Network };
  'networks.remove': { args: { network: string }; result: null };
  'networks.prune': { args: { dryRun?: boolean }; result: Pruned };

  'consoles.list': { args: { guest?: string }; result: readonly ConsoleSession[] };
  /**
   * Starts a further program in a running container. `command` empty: the best shell the image has; without one it
   * throws `unsupported` with the subject `shell`, and a borrowed one can be had.
   */
  'consoles.exec': {
    args: GuestRef & {
      command: readonly string[];
      tty: boolean;
      columns?: number;
      rows?: number;
      user?: string;
      env?: readonly string[];
      workingDir?: string;
      /** Brings its own tools along, for images that have no shell. */
      borrowed?: boolean;
    };
    result: ConsoleSession;
  };
  /** Ends an exec session and forgets it. */
  'consoles.close': { args: { session: string }; result: null };

  'metrics.now': { args: { guests?: readonly string[] }; result: SampleFrame };
  'metrics.history': { args: HistoryQuery; result: History };
  /** Of all guests there are; CPU in per cent of one processor, so that guests can be added up. */
  'metrics.ranking': { args: RankingQuery; result: Ranking };

  'host.info': { args: Record<string, never>; result: HostInfo };
  /** What everything of this home takes on the disk. Looks at the disk itself, so it may take a while. */
  'host.diskUse': { args: Record<string, never>; result: DiskUse };
  'host.doctor': { args: { fresh?: boolean }; result: readonly Finding[] };
  /** Runs the command of a finding's `mend`, found anew: an operation with a log. Answers with fresh findings. */
  'host.mend': { args: { finding: string }; result: readonly Finding[] };
  /** USB and PCI devices, and what is in the way of giving each to a machine. */
  'host.devices': { args: Record<string, never>; result: readonly HostDevice[] };
  'host.disks': { args: Record<string, never>; result: readonly HostDisk[] };
  /** Free host ports at or above each wish, e.g. for pre-filling a form. */
  'host.freePorts': { args: { wanted: readonly number[] }; result: readonly number[] };
  /** Files and folders of the host, for choosing an ISO or an archive. Directories first; `hidden`: also `.names`. */
  'host.browse': {
    args: { path: string; hidden?: boolean };
    result: {
      path: string;
      parent: string | null;
      entries: readonly { name: string; directory: boolean; sizeBytes: number }[];
    };
  };
}

export type CallName = keyof EngineCalls;
export type CallArgs<N extends CallName> = EngineCalls[N]['args'];
export type CallResult<N extends CallName> = EngineCalls[N]['result'];

/** What a subscriber to `state` receives: first a snapshot, then deltas whose revision rises by one each. */
export type StateEvent =
  | {
      readonly type: 'snapshot';
      readonly revision: number;
      readonly guests: readonly Guest[];
      readonly images: readonly Image[];
      readonly operations: readonly Operation[];
      readonly consoles: readonly ConsoleSession[];
      readonly volumes: readonly Volume[];
      readonly networks: readonly Network[];
    }
  | { readonly type: 'guest'; readonly revision: number; readonly guest: Guest }
  | { readonly type: 'guest-removed'; readonly revision: number; readonly id: string }
  | { readonly type: 'image'; readonly revision: number; readonly image: Image }
  | { readonly type: 'image-removed'; readonly revision: number; readonly id: string }
  | { readonly type: 'volume'; readonly revision: number; readonly volume: Volume }
  | { readonly type: 'volume-removed'; readonly revision: number; readonly id: string }
  | { readonly type: 'network'; readonly revision: number; readonly network: Network }
  | { readonly type: 'network-removed'; readonly revision: number; readonly id: string }
  | { readonly type: 'operation'; readonly revision: number; readonly operation: Operation }
  | { readonly type: 'console'; readonly revision: number; readonly session: ConsoleSession }
  | { readonly type: 'console-removed'; readonly revision: number; readonly id: string };

export interface EngineTopics {
  /** Everything a window shows about guests, images, operations and consoles. */
  state: { args: Record<string, never>; event: StateEvent };
  /** One frame a second while somebody listens (the engine samples for history regardless). On the wire: `frame.ts`. */
  samples: { args: Record<string, never>; event: SampleFrame };
  /** What happens from now on. */
  events: { args: Record<string, never>; event: EngineEvent };
}
export type TopicName = keyof EngineTopics;

/** Byte streams, opened by kind. Bytes flow both ways with credit; `control` messages go beside them. */
export interface EngineStreams extends ScreenStreams, SnapshotStreams, CopyStreams, ReceiveStreams {
  /**
   * A console session, by session id, or by guest for its main/serial console. On opening, the scrollback ring is
   * replayed first (`tailBytes`: at most that much of it), then live output follows without a gap.
   */
  console: {
    args: {
      session?: string;
      guest?: string;
      tailBytes?: number;
      /** The program waits for this reader, however slow it is: nothing is lost, as in a pipe. */
      hold?: boolean;
    };
    /** `resize`: the terminal's new size. `stdin-end`: no more input (non-tty exec). */
    control: { type: 'resize'; columns: number; rows: number } | { type: 'stdin-end' };
    opened: ConsoleSession;
    end: { exitCode: number | null };
  };
  /**
   * What the main program wrote, from the log kept beside the guest. With `follow` it goes on until closed or ended.
   * Bytes as written; of a program without a terminal `OutputMark` controls tell output and errors apart (it begins
   * with `stdout`). With `timestamps` every line starts with its time (RFC 3339, UTC) and a space. `sinceMs` and
   * `untilMs`: only lines of that time, in milliseconds since the epoch.
   */
  logs: {
    args: GuestRef & {
      follow?: boolean;
      tailLines?: number;
      timestamps?: boolean;
      sinceMs?: number;
      untilMs?: number;
    };
    control: never;
    opened: { guestId: string };
    end: { exitCode: number | null };
  };
  /** The log of an operation that has one, from its beginning until it ends. */
  operation: {
    args: { operation: string };
    control: never;
    opened: { operation: string };
    end: Record<string, never>;
  };
}
export type StreamKind = keyof EngineStreams;

/** Which of a non-tty exec's outputs a chunk belongs to is carried as a control message before it. */
export interface OutputMark {
  readonly type: 'output';
  readonly channel: 'stdout' | 'stderr';
}

/**
 * What follows comes from the scrollback ring: reset the terminal, and do not send its answers to queries (cursor
 * position, device attributes) while the next `bytes` bytes are parsed, or the program would read them as typed now.
 * Comes first on every console stream, and again when the receiver gave no credit for so long that output it had not
 * yet got was dropped: then everything shown so far is void. The channel told last stays in force.
 */
export interface ReplayMark {
  readonly type: 'replay';
  readonly bytes: number;
}

/** Control messages from the engine on a console stream. */
export type ConsoleMark = OutputMark | ReplayMark;

export type { ChangePlan, DraftCheck, DraftProblem, GuestChange, GuestDraft } from './draft.ts';
export type { Exported, ExportFormat, PortRule };
