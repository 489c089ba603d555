/** Snapshots: what a guest was, kept so that it can become so again. They form a tree; the guest stands on one of them. */

import type { Guest } from './guest.ts';

export interface Snapshot {
  /** 12 lower-case hex digits; unique. */
  readonly id: string;
  /** Unique among the guest's. */
  readonly name: string;
  readonly description: string;
  /** What the guest stood on when it was taken; null: nothing. */
  readonly parent: string | null;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** What the guest was at that moment. */
  readonly state: 'running' | 'paused' | 'stopped';
  /** The memory is part of it: restored, the guest goes on where it was. */
  readonly memory: boolean;
  /** What it takes on the host by itself: what was written between its parent and it, and its memory. */
  readonly bytes: number;
  /** What the guest has and is not part of it: names of disks, and of volumes and folders with their places. */
  readonly leftOut: readonly string[];
  /** It has a picture of the screen (stream `snapshot-picture`). */
  readonly picture: boolean;
  /** Taken by a schedule, which will remove it again. */
  readonly scheduled: boolean;
}

export interface SnapshotTree {
  /** Oldest first. */
  readonly snapshots: readonly Snapshot[];
  /** The one the guest stands on; null: none. */
  readonly current: string | null;
  /** What was written since. */
  readonly sinceBytes: number;
  /** What removed ones held and others stand on; it goes with the next that is removed. */
  readonly keptBytes: number;
  /** The most that the memory of a snapshot taken now would take; null: it does not run, or its memory cannot be kept. */
  readonly memoryBytes: number | null;
  /** Why its memory cannot be kept, as a sentence; null: it can, or it does not run. */
  readonly memoryProblem: string | null;
  /** What would not be part of a snapshot taken now. */
  readonly leftOut: readonly string[];
  readonly schedule: SnapshotSchedule | null;
}

/** A snapshot every so often, the oldest of them removed. */
export interface SnapshotSchedule {
  /** A minute at least. */
  readonly everyMs: number;
  /** So many are kept; 1 to 1000. */
  readonly keep: number;
  /** With the memory, while it runs and where that is possible. */
  readonly memory: boolean;
}

/** What removing one brought: the room all of the guest's own storage takes on the host. */
export interface SnapshotRemoved {
  readonly beforeBytes: number;
  readonly afterBytes: number;
}

/** Both by id or name. */
export interface SnapshotRef {
  readonly guest: string;
  readonly snapshot: string;
}

export interface SnapshotCalls {
  /** Keeps a machine's memory on the disk and ends it; `guests.start` goes on there, `guests.stop` gives it up. */
  'guests.suspend': { args: { guest: string }; result: Guest };
  'snapshots.list': { args: { guest: string }; result: SnapshotTree };
  /** Of a guest that runs or not. `name`: left out, its time. `memory`: of a machine that runs, its memory as well. */
  'snapshots.take': {
    args: { guest: string; name?: string; description?: string; memory?: boolean };
    result: Snapshot;
  };
  'snapshots.change': { args: SnapshotRef & { name?: string; description?: string }; result: Snapshot };
  /**
   * Makes the guest what it was; what was written since is given up, and a guest that runs is ended. One with memory goes
   * on where it was, unless `memory` is false; otherwise it stays stopped, unless `start`.
   */
  'snapshots.restore': { args: SnapshotRef & { memory?: boolean; start?: boolean }; result: Guest };
  /** What it held becomes part of what stands on it: the guest loses nothing but the way back. */
  'snapshots.remove': { args: SnapshotRef; result: SnapshotRemoved };
  /** A new guest that begins as this one was, without its memory. What they have in common is there once. */
  'snapshots.branch': { args: SnapshotRef & { name: string }; result: Guest };
  /** From now on one is taken every so often; null: no more. Those taken by a schedule stay until they are removed. */
  'snapshots.schedule': { args: { guest: string; schedule: SnapshotSchedule | null }; result: SnapshotTree };
}

export interface SnapshotStreams {
  /** The screen as it was when a snapshot was taken: a PNG. */
  'snapshot-picture': {
    args: SnapshotRef;
    control: never;
    opened: { sizeBytes: number };
    end: Record<string, never>;
  };
}
