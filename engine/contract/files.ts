/** Files inside a guest, and how they differ from its image. */
export interface GuestFile {
  /** One path component. Bytes that are not UTF-8 are shown as U+FFFD and cannot be opened by this name. */
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'link' | 'device' | 'socket' | 'pipe';
  readonly sizeBytes: number;
  /** Permission bits, e.g. 0o644. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
  /** Of a link: where it points, word for word. */
  readonly linkTarget: string | null;
}

export interface GuestFolder {
  /** Absolute path in the guest, as it was resolved there. */
  readonly path: string;
  /** Folders first, then by name. */
  readonly entries: readonly GuestFile[];
  /** There are more than are listed. */
  readonly truncated: boolean;
}

/** A path that the guest changed since it was created. */
export interface FileChange {
  readonly path: string;
  readonly change: 'added' | 'changed' | 'removed';
}

/** One process of a guest as the host sees it. */
export interface GuestProcess {
  /** Inside the guest; null when its process numbers are not seen from here. */
  readonly pid: number | null;
  readonly hostPid: number;
  /** Parent, in the guest's own numbers. */
  readonly parentPid: number | null;
  /** User id inside the guest. */
  readonly uid: number;
  /** One letter as in /proc/PID/stat: R, S, D, Z, T. */
  readonly state: string;
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
  readonly startedAt: number;
  readonly command: string;
}
