/** Opens a disk that is a file of the host, with its parts, for as long as something is done with it. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { refused } from '../disk-header/header.ts';
import type { DiskFormat } from '../disk-header/index.ts';
import { type DiskPiece, wholeFile } from './piece.ts';
import { type SourceDisk, sourceDisk } from './source.ts';

/** `format` null: by its content. `part`: a piece of the file, which has nothing beside it. Throws `bad-data`, and whatever opening the file throws. */
export async function withDisk<T>(
  path: string,
  format: DiskFormat | null,
  act: (source: SourceDisk) => Promise<T>,
  part?: { readonly offset: number; readonly sizeBytes: number },
): Promise<T> {
  const opened = new Map<string, DiskPiece>();
  const folder = dirname(path);
  /** Names are plain; a link would lead out of the folder all the same. */
  const openIn = async (name: string): Promise<DiskPiece> => {
    const known = opened.get(name);
    if (known) return known;
    const file = await open(join(folder, name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
      (error: NodeJS.ErrnoException) => {
        const why = error.code === 'ENOENT' ? 'is not there' : error.code === 'ELOOP' ? 'is a link' : 'cannot be read';
        throw refused('vmdk', `its part ${JSON.stringify(name)} ${why}`, 'Put all its parts beside it.');
      },
    );
    const status = await file.stat();
    const piece = { file, offset: 0, sizeBytes: status.size };
    opened.set(name, piece);
    if (!status.isFile()) throw refused('vmdk', `its part ${JSON.stringify(name)} is no file`);
    return piece;
  };
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!(await file.stat()).isFile()) throw refused(format ?? 'raw', 'it is no regular file');
    const piece = part ? { file, ...part } : await wholeFile(file);
    return await act(await sourceDisk(piece, format, part ? null : openIn));
  } finally {
    await file.close();
    for (const { file } of opened.values()) await file.close();
  }
}
