/** The disks of a machine that does not run, opened by a small machine of ours (decisions/0023-rescue.md). */

export interface RescueFileSystem {
  /** As the rescue's kernel names it: `vda1`, `dm-0`. */
  readonly device: string;
  /** The guest's disk it is on: `root`, the name of a further one, or of a logical volume. */
  readonly disk: string;
  readonly sizeBytes: number;
  /** `ext4`, `xfs`, `ntfs`, `luks`, `lvm`, ...; null: not known. */
  readonly type: string | null;
  readonly label: string | null;
  readonly uuid: string | null;
  /** The system installed on it, as it calls itself (`Debian GNU/Linux 12 (bookworm)`); null: none is found. */
  readonly system: string | null;
  /** Its files can be reached. */
  readonly opened: boolean;
  /** It is encrypted, and a passphrase would open it (`rescue.unlock`). */
  readonly locked?: boolean;
  /** Why not, or what else is to be known of it, as a sentence. */
  readonly note: string | null;
}

/** An opened machine. While there is one the guest cannot start, nor its disks change otherwise. */
export interface Rescue {
  /** Changes are written to the disks; otherwise they stay as they are, whatever is done. */
  readonly write: boolean;
  /** Device of the file system whose root paths begin at; null: none could be opened. */
  readonly root: string | null;
  readonly fileSystems: readonly RescueFileSystem[];
  /** Milliseconds since the epoch. */
  readonly openedAt: number;
}

/** Somebody who can log in, from the system's own list. */
export interface RescueUser {
  readonly name: string;
  readonly uid: number;
  readonly home: string;
  /** Whether a password lets them in: set, none at all (also lets them in), or locked. */
  readonly password: 'set' | 'none' | 'locked';
}

/** A log of the system. */
export interface RescueLog {
  /** Path in the system, or `journal`. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
}
