/**
 * An empty qcow2 file over another (QEMU, docs/interop/qcow2.txt; version 3, as qemu-img makes it). Written by us, since a
 * snapshot makes one for every disk and starting a program for it takes longer than all the rest.
 */
import { open } from 'node:fs/promises';
import { GuesthouseError } from '../../../contract/errors.ts';

const CLUSTER_BITS = 16;
const CLUSTER_BYTES = 2 ** CLUSTER_BITS;
/** 16 bits for each cluster's count. */
const REFCOUNT_ORDER = 4;
const HEADER_BYTES = 112;
const BACKING_FORMAT = 0xe2792aca;
/** Header, table of the counts, counts; then the first level's table. */
const OWN_CLUSTERS = 3;
/** Of one table of the second level. */
const COVERED_BYTES = (CLUSTER_BYTES / 8) * CLUSTER_BYTES;

/** Of one's first-level table: its entries, and the clusters they lie in. */
function tableOf(virtualBytes: number): { readonly entries: number; readonly tableClusters: number } {
  const entries = Math.ceil(virtualBytes / COVERED_BYTES);
  return { entries, tableClusters: Math.ceil((entries * 8) / CLUSTER_BYTES) };
}

/** `backing`: how it names the qcow2 file behind it, relative to its own folder. Pure. */
export function overlayHead(virtualBytes: number, backing: string): { readonly head: Buffer; readonly bytes: number } {
  const { entries, tableClusters } = tableOf(virtualBytes);
  const head = Buffer.alloc(OWN_CLUSTERS * CLUSTER_BYTES);
  const format = Buffer.from('qcow2');
  const nameAt = HEADER_BYTES + 8 + 8 + 8; // behind the format, filled up to eight, and the end of the extensions
  head.write('QFI\xfb', 0, 'latin1');
  head.writeUInt32BE(3, 4);
  head.writeBigUInt64BE(BigInt(nameAt), 8);
  head.writeUInt32BE(Buffer.byteLength(backing), 16);
  head.writeUInt32BE(CLUSTER_BITS, 20);
  head.writeBigUInt64BE(BigInt(virtualBytes), 24);
  head.writeUInt32BE(entries, 36);
  head.writeBigUInt64BE(BigInt(OWN_CLUSTERS * CLUSTER_BYTES), 40);
  head.writeBigUInt64BE(BigInt(CLUSTER_BYTES), 48); // table of the counts
  head.writeUInt32BE(1, 56); // its clusters
  head.writeUInt32BE(REFCOUNT_ORDER, 96);
  head.writeUInt32BE(HEADER_BYTES, 100);
  head.writeUInt32BE(BACKING_FORMAT, HEADER_BYTES);
  head.writeUInt32BE(format.length, HEADER_BYTES + 4);
  format.copy(head, HEADER_BYTES + 8);
  head.write(backing, nameAt);
  head.writeBigUInt64BE(BigInt(2 * CLUSTER_BYTES), CLUSTER_BYTES); // where the counts are
  for (let used = 0; used < OWN_CLUSTERS + tableClusters; used++) head.writeUInt16BE(1, 2 * CLUSTER_BYTES + used * 2);
  return { head, bytes: (OWN_CLUSTERS + tableClusters) * CLUSTER_BYTES };
}

/** Never over something else. On the disk when it resolves; its name is so with the folder. */
export async function makeEmptyOverlay(path: string, virtualBytes: number, backing: string): Promise<void> {
  const { head, bytes } = overlayHead(virtualBytes, backing);
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(head);
      await file.truncate(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error;
    throw new GuesthouseError({
      code: 'resources',
      message: 'There is no space left for a layer of a disk.',
      subject: path,
      cause: message,
      hint: 'Free some space on the disk that holds it, then try again.',
    });
  }
}

/**
 * Whether nothing was written to such a file since it was made over `behind` (both qcow2), and the disk is as large as that
 * one's. False also for any file that was made otherwise.
 */
export async function isStillEmpty(path: string, behind: string): Promise<boolean> {
  const [own, other] = await Promise.all([path, behind].map(sizesOf));
  if (!own || !other || own.virtualBytes !== other.virtualBytes) return false;
  return own.fileBytes === (OWN_CLUSTERS + tableOf(own.virtualBytes).tableClusters) * CLUSTER_BYTES;
}

async function sizesOf(path: string): Promise<{ readonly virtualBytes: number; readonly fileBytes: number } | null> {
  const file = await open(path, 'r');
  try {
    const head = Buffer.alloc(HEADER_BYTES);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    if (bytesRead < head.length) return null;
    return { virtualBytes: Number(head.readBigUInt64BE(24)), fileBytes: (await file.stat()).size };
  } finally {
    await file.close();
  }
}
