/** Files of a guest as streams: the part of `EngineStreams` that copies. `guest`: its id or name. */
export interface CopyStreams {
  /**
   * Copies out of a guest: a tar archive of the path, whose entries start with the path's last component. A regular
   * file alone with `raw`: its bytes as they are.
   */
  'copy-out': {
    args: { guest: string; path: string; raw?: boolean };
    control: never;
    /** `sizeBytes`: with `raw`, what is to come. */
    opened: { kind: 'file' | 'folder' | 'link'; sizeBytes: number | null };
    end: Record<string, never>;
  };
  /**
   * Copies into a guest: the bytes are a tar archive, unpacked below the folder `path`; with `raw` they are the content
   * of the file `path`. `stdin-end` ends them; nothing is put in place of an old file before.
   */
  'copy-in': {
    args: { guest: string; path: string; raw?: boolean };
    control: { type: 'stdin-end' };
    opened: { guestId: string };
    end: { entries: number };
  };
}
