/** The acts that move many bytes, by tools whose input and output are streams, or as the way into the guest has them. */
import type { Bulk, GuestTools } from './tools.ts';

/** As long as somebody reads or writes; a disk may be large (ms). */
export const COPY_TIMEOUT_MS = 24 * 60 * 60_000;

export function bulkOf(root: GuestTools): Bulk {
  return root.bulk ?? streamed(root);
}

/** Words of tar, after which the names come; `archive` is where the archive is written. Pure. */
export function packWords(archive: string, folder: string): string[] {
  return ['tar', '-c', '-f', archive, '--numeric-owner', '-C', folder, '--'];
}

/** Pure. */
export function unpackWords(archive: string, folder: string, keepOwners: boolean): string[] {
  return ['tar', '-x', '-f', archive, '--numeric-owner', ...(keepOwners ? [] : ['-o']), '-C', folder];
}

function streamed(root: GuestTools): Bulk {
  const timeoutMs = COPY_TIMEOUT_MS;
  return {
    read: (path, signal) => root.tool(['cat', path], { signal, timeoutMs }),
    async write(path, { input, signal }) {
      await root.text(['dd', `of=${path}`, 'bs=65536'], { signal, input, timeoutMs });
    },
    pack: (folder, names, signal) => root.tool([...packWords('-', folder), ...names], { signal, timeoutMs }),
    async unpack(folder, { input, signal, keepOwners }) {
      await root.text(unpackWords('-', folder, keepOwners), { signal, input, timeoutMs });
    },
  };
}
