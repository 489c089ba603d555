/** What this host has and can do. */
import type { Isolation } from './guest.ts';

/** Whether a kind of guest is possible here, and if not, why and what would make it so. */
export interface Capability {
  readonly isolation: Isolation;
  readonly possible: boolean;
  /** Why not, as a sentence; null when possible. */
  readonly reason: string | null;
  /** What would make it possible, as a sentence or a command line; null when possible or hopeless. */
  readonly fix: string | null;
  /** `crun 1.8.1`, `QEMU 7.2.22 with KVM`, `QEMU 7.2.22, software emulation`. */
  readonly engine: string | null;
  /** Weaknesses worth knowing before choosing, in words. */
  readonly notes: readonly string[];
}

/** Start time, memory and disk of a kind of guest as measured here; null until the first start was seen. */
export interface MeasuredCost {
  readonly isolation: Isolation;
  readonly startMs: number | null;
  readonly memoryMib: number | null;
  readonly diskMib: number | null;
  /** Number of starts behind the medians. */
  readonly samples: number;
}

/** What one guest cost as it was seen here, its last starts, oldest first. */
export interface GuestCost {
  readonly id: string;
  /** From the start until its own program began, or its own system answered. */
  readonly startMs: readonly number[];
  /** On the host, ten seconds after a start. */
  readonly memoryMib: readonly number[];
  /** Its own data, beside image and volumes, at the same moment. */
  readonly diskMib: readonly number[];
}

export interface HostInfo {
  readonly hostname: string;
  readonly os: string;
  readonly kernel: string;
  readonly architecture: string;
  readonly cpus: number;
  readonly memoryMib: number;
  readonly memoryFreeMib: number;
  readonly diskFreeBytes: number;
  readonly diskTotalBytes: number;
  /** Folder that holds all guests and images. */
  readonly home: string;
  readonly version: string;
  /** Whether the engine runs as root, as a user with subordinate ids, or as a plain user. */
  readonly privilege: 'root' | 'rootless' | 'plain';
  readonly capabilities: readonly Capability[];
  readonly costs: readonly MeasuredCost[];
}

/** One line of `guesthouse doctor`. */
export interface Finding {
  /** Stable id: `qemu`, `kvm`, `runtime`, `conmon`, `cgroup`, `subids`, `tun`, `network`, `disk`, ... */
  readonly id: string;
  readonly level: 'ok' | 'warning' | 'problem';
  /** What was looked at: `KVM`. */
  readonly title: string;
  /** What was found, as a sentence. */
  readonly found: string;
  /** What to do about it; null when fine. */
  readonly fix: string | null;
  /** A command that mends it, as it would be typed; `possible`: `host.mend` can run it here. Left out: there is none. */
  readonly mend?: { readonly command: string; readonly possible: boolean };
}

/** Bytes on the host's disk, as looked at a moment ago. */
export interface DiskUse {
  /** All images together; what several share counts once. */
  readonly imagesBytes: number;
  /** Cut pulls, earlier builds, fetched packages: what only saves time. */
  readonly leftBytes: number;
  /** What each guest has written itself, beside its image and its volumes. */
  readonly guests: readonly { readonly id: string; readonly name: string; readonly bytes: number }[];
  readonly volumes: readonly { readonly id: string; readonly name: string; readonly bytes: number }[];
  /** Removed guests that can still be had back. */
  readonly trash: readonly { readonly id: string; readonly name: string; readonly bytes: number }[];
}
