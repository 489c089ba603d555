/** The header of a qcow2 file (QEMU, docs/interop/qcow2.txt), and whether a guest may be given it. */
import { GuesthouseError } from '../../contract/errors.ts';

/** Larger than any disk somebody means; QEMU would take up to 8 EiB. */
const MAX_VIRTUAL_BYTES = 64n * 1024n ** 4n;

const DIRTY = 1n << 0n;
const EXTERNAL_DATA_FILE = 1n << 2n;
/** Dirty, compression type, extended L2 entries: read by every QEMU since 5.2. */
const KNOWN_INCOMPATIBLE = DIRTY | (1n << 3n) | (1n << 4n);
const CORRUPT = 1n << 1n;

export interface Qcow2Header {
  readonly version: 2 | 3;
  readonly virtualBytes: number;
  readonly clusterBytes: number;
}

/**
 * Reads at least 112 bytes. Throws `bad-data` for anything that reaches outside the file itself (a backing file or a
 * data file is a path of the host, chosen by whoever made the image), is encrypted, corrupt or from the future.
 */
export function parseQcow2(head: Buffer, sizeBytes: number): Qcow2Header {
  if (head.length < 72 || head.toString('latin1', 0, 4) !== 'QFI\xfb') throw refused('its header is cut off');
  const version = head.readUInt32BE(4);
  if (version !== 2 && version !== 3) throw refused(`it has version ${version} of the format; 2 and 3 are known`);
  if (version === 3 && head.length < 104) throw refused('its header is cut off');
  if (head.readBigUInt64BE(8) !== 0n || head.readUInt32BE(16) !== 0)
    throw refused(
      'it is only the difference to another file (a backing file)',
      'Make it whole first: `qemu-img convert -O qcow2 FILE whole.qcow2`.',
    );
  if (head.readUInt32BE(32) !== 0) throw refused('it is encrypted', 'Decrypt it first with `qemu-img convert`.');
  const features = version === 3 ? head.readBigUInt64BE(72) : 0n;
  if (features & EXTERNAL_DATA_FILE)
    throw refused('its data are in another file', 'Make it whole first: `qemu-img convert -O qcow2 FILE whole.qcow2`.');
  if (features & CORRUPT) throw refused('it is marked as corrupt', 'Try `qemu-img check -r all FILE`.');
  if (features & ~KNOWN_INCOMPATIBLE) throw refused('it uses features that are not known');
  const clusterBits = head.readUInt32BE(20);
  if (clusterBits < 9 || clusterBits > 21) throw refused('its cluster size is impossible');
  const virtual = head.readBigUInt64BE(24);
  if (virtual === 0n) throw refused('it has no size');
  if (virtual > MAX_VIRTUAL_BYTES) throw refused('it claims to be larger than 64 TiB');
  const tableEntries = head.readUInt32BE(36);
  const table = head.readBigUInt64BE(40);
  if (table + BigInt(tableEntries) * 8n > BigInt(sizeBytes) || head.readBigUInt64BE(48) > BigInt(sizeBytes))
    throw refused('it is cut off');
  return { version, virtualBytes: Number(virtual), clusterBytes: 2 ** clusterBits };
}

function refused(why: string, hint?: string): GuesthouseError {
  return new GuesthouseError({
    code: 'bad-data',
    message: `The qcow2 disk cannot be used: ${why}.`,
    hint: hint ?? 'Make a whole copy with `qemu-img convert` and import that.',
  });
}
