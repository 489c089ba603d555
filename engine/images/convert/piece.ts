/** A disk in an opened file: the whole file, or a piece of it such as a member of an archive. */
import type { FileHandle } from 'node:fs/promises';
import type { ByteSource } from '../disk-header/index.ts';

export interface DiskPiece {
  readonly file: FileHandle;
  /** Where in the file it begins (bytes). */
  readonly offset: number;
  readonly sizeBytes: number;
}

export async function wholeFile(file: FileHandle): Promise<DiskPiece> {
  return { file, offset: 0, sizeBytes: (await file.stat()).size };
}

export function bytesOf({ file, offset, sizeBytes }: DiskPiece): ByteSource {
  return {
    sizeBytes,
    async read(at, length) {
      const buffer = Buffer.alloc(Math.max(0, Math.min(length, sizeBytes - at)));
      for (let done = 0; done < buffer.length; ) {
        const { bytesRead } = await file.read(buffer, done, buffer.length - done, offset + at + done);
        if (bytesRead === 0) return buffer.subarray(0, done);
        done += bytesRead;
      }
      return buffer;
    },
  };
}
