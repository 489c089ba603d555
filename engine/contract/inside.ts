/** A running machine seen from outside: through its emulator, which the guest does not notice, and its guest agent. */

export interface MachineInside {
  readonly qemuVersion: string;
  /** QEMU's word: `running`, `paused`, `io-error`, ... */
  readonly status: string;
  readonly processors: readonly InsideProcessor[];
  readonly memory: InsideMemory;
  readonly devices: readonly InsideDevice[];
  readonly drives: readonly InsideDrive[];
  /** Lines between host and guest: serial, agents, further programs. */
  readonly lines: readonly { readonly name: string; readonly guestListens: boolean }[];
  /** null: none answers, and `agentWhy` says why. */
  readonly agent: AgentSystem | null;
  readonly agentWhy: string | null;
}

export interface InsideProcessor {
  readonly index: number;
  /** Its thread on the host. */
  readonly threadId: number;
  /** Of the thread, since the start. */
  readonly cpuSeconds: number | null;
  readonly halted: boolean;
  /** By the processor's own names (`RIP`, `CR3`, ...), in hexadecimal digits. */
  readonly registers: readonly { readonly name: string; readonly value: string }[];
  /** All that QEMU says of it. */
  readonly text: string;
}

/** A machine's memory as its own system sees it (virtio's balloon statistics). null: it does not say that. */
export interface GuestMemory {
  /** When it said so, in milliseconds since the epoch, to the second. */
  readonly at: number;
  /** What its system has to give away. */
  readonly totalBytes: number;
  /** All but what is available. */
  readonly usedBytes: number;
  /** What programs could have without swapping: free, and caches that can be dropped. */
  readonly availableBytes: number;
  readonly freeBytes: number | null;
  readonly cachedBytes: number | null;
  /** Since it started. */
  readonly swappedInBytes: number | null;
  readonly swappedOutBytes: number | null;
  /** Pages that had to be read from a disk, since it started. */
  readonly majorFaults: number | null;
}

export interface InsideMemory {
  readonly baseBytes: number;
  readonly pluggedBytes: number;
  /** null: the guest does not say. */
  readonly guest: GuestMemory | null;
  /** What the processor finds at which address, in order. */
  readonly ranges: readonly {
    /** In hexadecimal digits. */
    readonly from: string;
    readonly to: string;
    readonly kind: string;
    readonly name: string;
  }[];
}

export interface InsideDevice {
  /** `00:1f.2` */
  readonly slot: string;
  /** `8086:2922` */
  readonly ids: string;
  readonly description: string;
  /** What the engine calls it; empty: it belongs to the board. */
  readonly name: string;
}

export interface InsideDrive {
  readonly name: string;
  /** null: it is empty. */
  readonly file: string | null;
  readonly format: string | null;
  readonly virtualBytes: number | null;
  readonly readOnly: boolean;
}

export interface AgentInterface {
  readonly name: string;
  readonly mac: string | null;
  /** With their prefix: `10.0.0.2/24`. */
  readonly addresses: readonly string[];
}

/** What a guest's agent says; every word of it is the guest's own. */
export interface AgentSystem {
  readonly version: string;
  readonly hostName: string | null;
  /** `Debian GNU/Linux 12 (bookworm)` */
  readonly system: string | null;
  readonly kernel: string | null;
  /** Who is logged in. */
  readonly users: readonly string[];
  readonly fileSystems: readonly {
    readonly mountPoint: string;
    readonly type: string;
    readonly usedBytes: number | null;
    readonly totalBytes: number | null;
  }[];
  readonly interfaces: readonly AgentInterface[];
  readonly canFreeze: boolean;
  readonly canExec: boolean;
}
