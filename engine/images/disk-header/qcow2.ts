/** The header of a qcow2 file (QEMU, docs/interop/qcow2.txt), and whether a guest may be given it. */
import { checkedSize, refused as refusedDisk } from './header.ts';

const DIRTY = 1n << 0n;
const CORRUPT = 1n << 1n;
const EXTERNAL_DATA_FILE = 1n << 2n;
/** Dirty, compression type, extended L2 entries: read by every QEMU since 5.2. */
const KNOWN_INCOMPATIBLE = DIRTY | (1n << 3n) | (1n << 4n);
/** Autoclear feature: the file has bitmaps, and they are up to date. */
const BITMAPS = 1n << 0n;

const EXTENSION = { end: 0, bitmaps: 0x23852875, encryption: 0x0537be77, dataFile: 0x44415441 };
/** Some hundreds are the most anybody ever makes; QEMU would take 65536 (each with a name of 64 KiB). */
const MAX_SNAPSHOTS = 1000;
/** Of the path a backing file is named by (format's limit). */
const MAX_NAME_BYTES = 1023;

/** Header, extensions and the backing file's name are in the first 64 KiB of what QEMU and others write. */
export const QCOW2_HEAD_BYTES = 64 * 1024;

export interface Qcow2Header {
  readonly version: 2 | 3;
  readonly virtualBytes: number;
  readonly clusterBytes: number;
}

/**
 * `head`: the file's beginning, QCOW2_HEAD_BYTES of it where there are as many. Throws `bad-data` for anything that reaches
 * outside the file itself (a backing file or a data file is a path of the host, chosen by whoever made the image), is
 * encrypted, corrupt or from the future. `backing`: the only name a backing file may have.
 */
export function parseQcow2(head: Buffer, sizeBytes: number, backing: string | null = null): Qcow2Header {
  if (head.length < 72 || head.toString('latin1', 0, 4) !== 'QFI\xfb') throw refused('its header is cut off');
  const version = head.readUInt32BE(4);
  if (version !== 2 && version !== 3) throw refused(`it has version ${version} of the format; 2 and 3 are known`);
  if (version === 3 && head.length < 104) throw refused('its header is cut off');
  checkBacking(head, backing);
  if (head.readUInt32BE(32) !== 0) throw refused('it is encrypted', 'Decrypt it first with `qemu-img convert`.');
  const features = version === 3 ? head.readBigUInt64BE(72) : 0n;
  if (features & EXTERNAL_DATA_FILE) throw refused('its data are in another file', wholeHint(null));
  if (features & CORRUPT) throw refused('it is marked as corrupt', 'Try `qemu-img check -r all FILE`.');
  if (features & ~KNOWN_INCOMPATIBLE)
    throw refused(
      'it uses features that are not known',
      'Make a whole copy with `qemu-img convert -O qcow2 FILE whole.qcow2` of a QEMU that is as new as the one that made it.',
    );
  const clusterBits = head.readUInt32BE(20);
  if (clusterBits < 9 || clusterBits > 21) throw refused('its cluster size is impossible');
  const virtualBytes = checkedSize('qcow2', head.readBigUInt64BE(24));
  const isInside = (offset: bigint, bytes: bigint) => offset + bytes <= BigInt(sizeBytes);
  if (
    !isInside(head.readBigUInt64BE(40), BigInt(head.readUInt32BE(36)) * 8n) ||
    !isInside(head.readBigUInt64BE(48), BigInt(head.readUInt32BE(56)) << BigInt(clusterBits))
  )
    throw refused('it is cut off');
  const snapshots = head.readUInt32BE(60);
  if (snapshots > MAX_SNAPSHOTS) throw refused(`it claims to have ${snapshots} snapshots`);
  if (snapshots > 0 && !isInside(head.readBigUInt64BE(64), BigInt(snapshots) * 40n)) throw refused('it is cut off');
  if (version === 3 && head.readBigUInt64BE(88) & BITMAPS) throw bitmaps();
  checkExtensions(head, version === 3 ? head.readUInt32BE(100) : 72);
  return { version, virtualBytes, clusterBytes: 2 ** clusterBits };
}

function checkBacking(head: Buffer, allowed: string | null): void {
  const offset = head.readBigUInt64BE(8);
  const length = head.readUInt32BE(16);
  if (offset === 0n && length === 0) return;
  if (allowed !== null && length <= MAX_NAME_BYTES && offset + BigInt(length) <= BigInt(head.length)) {
    if (head.toString('utf8', Number(offset), Number(offset) + length) === allowed) return;
  }
  throw refused('it is only the difference to another file (a backing file)', wholeHint(nameAt(head, offset, length)));
}

/** null: it lies elsewhere in the file. */
function nameAt(head: Buffer, offset: bigint, length: number): string | null {
  if (length > MAX_NAME_BYTES || offset + BigInt(length) > BigInt(head.length)) return null;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is shown to a person
  return head.toString('utf8', Number(offset), Number(offset) + length).replace(/[\x00-\x1f\x7f]/g, '?');
}

/** A copy takes in whatever file of the host the disk names: nothing to be done with a stranger's. */
function wholeHint(name: string | null): string {
  const other = name === null ? 'that file' : `that file (${name.slice(0, 200)})`;
  return `If you know ${other} and it belongs to the disk, make a whole copy: \`qemu-img convert -O qcow2 FILE whole.qcow2\`. Of a disk from a stranger, do not: the copy would have the contents of that file.`;
}

/** Each is a type, a length and that many bytes, filled up to eight. */
function checkExtensions(head: Buffer, start: number): void {
  if (start < 72) throw refused('its header has an impossible length');
  for (let at = start; at + 8 <= head.length; ) {
    const type = head.readUInt32BE(at);
    const length = head.readUInt32BE(at + 4);
    if (type === EXTENSION.end) return;
    if (type === EXTENSION.dataFile) throw refused('its data are in another file', wholeHint(null));
    if (type === EXTENSION.encryption) throw refused('it is encrypted', 'Decrypt it first with `qemu-img convert`.');
    if (type === EXTENSION.bitmaps) throw bitmaps();
    at += 8 + Math.ceil(length / 8) * 8;
  }
}

function bitmaps() {
  return refused('it keeps bitmaps of what changed, for another program', 'A copy by `qemu-img convert` has none.');
}

function refused(why: string, hint?: string) {
  return refusedDisk('qcow2', why, hint);
}
