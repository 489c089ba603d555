/** A tar of blobs named by their digest, written in one pass: a header follows its content in time, not in place. */
import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { writeAll } from '../../host/files.ts';
import { END_MARK, padding, tarHeader } from '../archive/tar-header.ts';
import { BLOCK_BYTES } from '../archive/tar-reader.ts';

export interface WrittenBlob {
  /** 64 hex digits of the sha256. */
  readonly hex: string;
  readonly sizeBytes: number;
}

export interface BlobArchive {
  /** A member of this name. */
  file(name: string, content: Uint8Array): Promise<void>;
  /** `blobs/sha256/<hex>`, once, however often it is added. */
  blob(content: Uint8Array): Promise<WrittenBlob>;
  /** The same for what is too much to hold. */
  stream(content: AsyncIterable<Uint8Array>, onBytes: (count: number) => void): Promise<WrittenBlob>;
  /** Bytes of the archive. */
  end(): Promise<number>;
}

const WRITE_BYTES = 1024 * 1024;
const BLOBS = 'blobs/sha256/';
export const blobName = (hex: string): string => `${BLOBS}${hex}`;

/** `at`: where in the file it begins; `folder`: where the blobs are in it, with a slash at the end. */
export async function createBlobArchive(
  file: FileHandle,
  options: { readonly at: number; readonly folder: string } = { at: 0, folder: BLOBS },
): Promise<BlobArchive> {
  const { folder } = options;
  const written = new Set<string>();
  let at = options.at;
  const put = async (pieces: readonly Uint8Array[], sizeBytes: number) => {
    await writeAll(file, pieces, sizeBytes, at);
    at += sizeBytes;
  };
  // Some readers give folders nobody wrote to an owner they may not give them to.
  for (const name of folder === BLOBS ? ['blobs/', BLOBS] : [folder])
    await put([tarHeader({ name, type: 'folder', mode: 0o755 })], BLOCK_BYTES);
  const archive: BlobArchive = {
    async file(name, content) {
      const pieces = [tarHeader({ name, sizeBytes: content.length }), content, padding(content.length)];
      await put(
        pieces,
        pieces.reduce((sum, { length }) => sum + length, 0),
      );
    },
    async blob(content) {
      const hex = createHash('sha256').update(content).digest('hex');
      if (!written.has(hex)) await archive.file(`${folder}${hex}`, content);
      written.add(hex);
      return { hex, sizeBytes: content.length };
    },
    async stream(content, onBytes) {
      const start = at;
      const hash = createHash('sha256');
      at += BLOCK_BYTES;
      let sizeBytes = 0;
      let pieces: Uint8Array[] = [];
      let gathered = 0;
      for await (const piece of content) {
        hash.update(piece);
        sizeBytes += piece.length;
        pieces.push(piece);
        gathered += piece.length;
        if (gathered < WRITE_BYTES) continue;
        await put(pieces, gathered);
        onBytes(gathered);
        pieces = [];
        gathered = 0;
      }
      const fill = padding(sizeBytes);
      if (gathered + fill.length > 0) await put([...pieces, fill], gathered + fill.length);
      onBytes(gathered);
      const hex = hash.digest('hex');
      if (written.has(hex)) {
        // Another image has the same: no archive holds two members of one name.
        at = start;
        await file.truncate(at);
      } else {
        await writeAll(file, [tarHeader({ name: `${folder}${hex}`, sizeBytes })], BLOCK_BYTES, start);
        written.add(hex);
      }
      return { hex, sizeBytes };
    },
    async end() {
      await put([END_MARK], END_MARK.length);
      return at;
    },
  };
  return archive;
}
