/** Machines of other programs on this host that can become guests. */

export type OtherProgram = 'libvirt' | 'libvirt-session' | 'virtualbox';

export interface FoundMachine {
  /** For `guests.importFound`: the program, a colon and its own number of the machine. */
  readonly ref: string;
  /** `libvirt`: of the whole host; `libvirt-session`: of this user. */
  readonly program: OtherProgram;
  /** As the program has it, on one line. */
  readonly name: string;
  readonly running: boolean;
  readonly cpus: number | null;
  readonly memoryMib: number | null;
  readonly disks: number;
  /** What its disks take on the host; null: not known. */
  readonly sizeBytes: number | null;
  /** Why it cannot be imported as it is, as a sentence; null: it can. */
  readonly why: string | null;
}

export interface FoundMachines {
  readonly machines: readonly FoundMachine[];
  /** What could not be looked at, in sentences. */
  readonly notes: readonly string[];
}
