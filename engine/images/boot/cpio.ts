/**
 * Writes a cpio archive in the "newc" form, the one the Linux kernel unpacks as an initramfs
 * (Documentation/driver-api/early-userspace/buffer-format.rst). Device nodes are only headers here, so no root is needed.
 */

export interface CpioEntry {
  /** Path without a leading slash; parents come before their children. */
  readonly path: string;
  /** File type and permission bits, e.g. `0o100755`. */
  readonly mode: number;
  /** File content, or a symbolic link's target. */
  readonly content?: Uint8Array;
  /** For device nodes. */
  readonly device?: { readonly major: number; readonly minor: number };
}

export const CPIO_DIRECTORY = 0o040755;
export const CPIO_PROGRAM = 0o100755;
export const CPIO_FILE = 0o100644;
export const CPIO_SYMLINK = 0o120777;

/** The archive's pieces in order; every entry belongs to root and has the time 0, so equal input gives equal bytes. */
export function cpio(entries: readonly CpioEntry[]): Buffer {
  const parts: Buffer[] = [];
  let inode = 1;
  for (const entry of entries) parts.push(...member(entry, inode++));
  parts.push(...member({ path: 'TRAILER!!!', mode: 0 }, 0));
  const archive = Buffer.concat(parts);
  // The kernel accepts any length; a multiple of 512 is what cpio tools write.
  return Buffer.concat([archive, Buffer.alloc((512 - (archive.length % 512)) % 512)]);
}

function member(entry: CpioEntry, inode: number): Buffer[] {
  const name = Buffer.from(`${entry.path}\0`);
  const content = Buffer.from(entry.content ?? []);
  const links = (entry.mode & 0o170000) === 0o040000 ? 2 : 1;
  const { major = 0, minor = 0 } = entry.device ?? {};
  // magic, ino, mode, uid, gid, nlink, mtime, filesize, devmajor, devminor, rdevmajor, rdevminor, namesize, check
  const fields = [inode, entry.mode, 0, 0, links, 0, content.length, 0, 0, major, minor, name.length, 0];
  const header = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`);
  return [header, name, padding(header.length + name.length), content, padding(content.length)];
}

/** Names and contents begin at multiples of four. */
function padding(length: number): Buffer {
  return Buffer.alloc((4 - (length % 4)) % 4);
}
