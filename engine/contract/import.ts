/** Guests from files, and from machines of other programs: what is taken, and what is said of it before. */
import type { ErrorShape } from './errors.ts';
import type { FoundMachines } from './found.ts';
import type { Guest, Isolation } from './guest.ts';
import type { Architecture, Firmware, GuestSystem } from './machine.ts';

export interface ImportedDisk {
  /** Of its file. */
  readonly name: string;
  /** What the guest sees; null: shows when it is unpacked. */
  readonly virtualBytes: number | null;
  /** What it takes in the file; null: it is not there. */
  readonly fileBytes: number | null;
}

/** What would become of a file. Numbers are those of the guest to be, where they differ from the file's with a note. */
export interface ImportPlan {
  /**
   * `guest`: written by `guests.export`. `machine`: of another program. `disk`: without a description. `packed`: compressed
   * as a whole, so that nothing is known of it yet.
   */
  readonly kind: 'guest' | 'machine' | 'disk' | 'packed';
  /** The program it comes from, `VirtualBox`; null: no program says so. */
  readonly from: string | null;
  readonly name: string;
  readonly isolation: Isolation;
  /** null: not said. */
  readonly system: GuestSystem | null;
  readonly architecture: Architecture | null;
  readonly firmware: Firmware | null;
  /** null: not known before it is unpacked. */
  readonly cpus: number | null;
  readonly memoryMib: number | null;
  readonly disks: readonly ImportedDisk[];
  /** Path or name of the medium in its drive; null: none. */
  readonly iso: string | null;
  /** Names of the networks it will be on. */
  readonly networks: readonly string[];
  /** What it will not have, or otherwise, in sentences. */
  readonly notes: readonly string[];
  /** Why it cannot be taken as it is; null: nothing speaks against it so far. */
  readonly problem: ErrorShape | null;
}

/** See `EngineCalls`. */
export interface ImportCalls {
  /** Of a file that `guests.export` wrote, of a machine of another program, or of a disk alone. */
  'guests.import': { args: { path: string; name?: string }; result: Guest };
  /**
   * The same file looked at, without anything made of it: descriptions and the headers of disks, within seconds however
   * large it is. Checksums are left for the import. Throws `bad-data`, `not-found`, `denied`, `timeout`.
   */
  'guests.planImport': { args: { path: string; name?: string }; result: ImportPlan };
  /** Machines of libvirt and VirtualBox on this host. */
  'guests.find': { args: Record<string, never>; result: FoundMachines };
  /** A guest of one of them, with copies of its disks. Refused while it runs. `ref`: also the program and its name. */
  'guests.importFound': { args: { ref: string; name?: string }; result: Guest };
}
