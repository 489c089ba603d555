/**
 * Whiteouts and opaque folders as overlayfs wants them, written as a second, small tar: a character device 0:0, and an
 * extended attribute on the folder. Kernel documentation: filesystems/overlayfs.rst, "whiteouts and opaque directories".
 */
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import tar from 'tar-stream';
import type { LayerMarks } from './layer-scan.ts';

/** `user.overlay.` where the overlay is mounted with `userxattr` (in a user namespace), else `trusted.overlay.`. */
export type MarkNamespace = 'trusted' | 'user';

export function needsMarks(marks: LayerMarks): boolean {
  return marks.whiteouts.length + marks.opaque.length > 0;
}

export async function writeMarks(marks: LayerMarks, namespace: MarkNamespace, target: string): Promise<void> {
  const pack = tar.pack();
  const written = pipeline(pack, createWriteStream(target, { flags: 'wx', mode: 0o600 }));
  const epoch = new Date(0);
  for (const name of marks.whiteouts)
    pack.entry({ name, type: 'character-device', mode: 0, uid: 0, gid: 0, mtime: epoch, devmajor: 0, devminor: 0 });

  const opaque = new Set(marks.opaque);
  // Making a mark touches its folder: each known folder is written again with its own times.
  const touched = new Set([
    ...opaque,
    ...marks.whiteouts.map((path) => path.slice(0, Math.max(0, path.lastIndexOf('/')))),
  ]);
  for (const path of [...touched].sort()) {
    const stat = marks.folders.get(path);
    if (!stat && !opaque.has(path)) continue;
    const { mode, uid, gid, mtime } = stat ?? { mode: 0o755, uid: 0, gid: 0, mtime: 0 };
    pack.entry({
      name: path === '' ? './' : `${path}/`,
      type: 'directory',
      mode,
      uid,
      gid,
      mtime: new Date(mtime * 1000),
      ...(opaque.has(path) ? { pax: { [`SCHILY.xattr.${namespace}.overlay.opaque`]: 'y' } } : {}),
    });
  }
  pack.finalize();
  await written;
}
