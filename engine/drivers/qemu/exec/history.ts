/** What a program with a terminal wrote so far, kept beside the run for an engine that meets it again. */
import { appendFileSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';

/** The run folder is usually in memory, so a session keeps little (bytes). */
const MAX_BYTES = 1024 * 1024;

export interface SessionHistory {
  /** The last of it. */
  read(maxBytes: number): Buffer;
  add(bytes: Uint8Array): void;
  remove(): void;
}

export function sessionHistory(path: string): SessionHistory {
  let size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const read = (maxBytes: number) => {
    try {
      const all = readFileSync(path);
      return all.subarray(Math.max(0, all.length - maxBytes));
    } catch {
      return Buffer.alloc(0);
    }
  };
  return {
    read,
    add(bytes) {
      try {
        if (size + bytes.length <= MAX_BYTES) {
          appendFileSync(path, bytes, { mode: 0o600 });
          size += bytes.length;
        } else {
          const kept = Buffer.concat([read(MAX_BYTES / 2), bytes]).subarray(-MAX_BYTES);
          writeFileSync(path, kept, { mode: 0o600 });
          size = kept.length;
        }
      } catch {
        // A full disk costs the scrollback of the next engine, nothing else.
      }
    },
    remove: () => rmSync(path, { force: true }),
  };
}
