/**
 * Lines of JSON in a file that only grows: one `write` each at its end, so a kill loses nothing that was told. At its full
 * size it takes the place of `<path>.1`. Only the owner of the home writes to it.
 */
import { appendFileSync, readFileSync, renameSync } from 'node:fs';

const NEWLINE = 0x0a;

export interface LineFile {
  /** Throws what the disk says. */
  append(value: object): void;
  /** Oldest first. Lines that are no JSON (a torn one, a person's edit) are passed over. */
  read(): unknown[];
}

/** Nothing is opened before the first line. `maxBytes`: of each of the two files. */
export function lineFile(path: string, maxBytes: number): LineFile {
  const older = `${path}.1`;
  /** Bytes in the file; null: to be looked at. */
  let size: number | null = null;
  const write = (line: string) => {
    if (size === null) {
      const text = readBytes(path);
      size = text.length;
      // A power cut or a full disk leaves half a line; what comes next has one of its own.
      if (text.length > 0 && text.at(-1) !== NEWLINE) appendFileSync(path, '\n');
    }
    const bytes = Buffer.byteLength(line);
    if (size > 0 && size + bytes > maxBytes) {
      renameSync(path, older);
      size = 0;
    }
    appendFileSync(path, line, { mode: 0o600 });
    size += bytes;
  };
  return {
    append(value) {
      try {
        write(`${JSON.stringify(value)}\n`);
      } catch (error) {
        size = null;
        throw error;
      }
    },
    read: () => [...parse(readBytes(older)), ...parse(readBytes(path))],
  };
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}

function parse(text: Buffer): unknown[] {
  return text
    .toString('utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as unknown];
      } catch {
        return [];
      }
    });
}
