/** What a qcow2 file says it is the difference to (QEMU, docs/interop/qcow2.txt). */
import { open } from 'node:fs/promises';
import { QCOW2_HEAD_BYTES } from '../../../images/disk-header/qcow2.ts';

/** null: nothing. Only to be compared with, never to be opened. */
export async function readBackingName(path: string): Promise<string | null> {
  const file = await open(path, 'r');
  try {
    const head = Buffer.alloc(QCOW2_HEAD_BYTES);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    if (bytesRead < 72) return null;
    const [offset, length] = [Number(head.readBigUInt64BE(8)), head.readUInt32BE(16)];
    if (offset === 0 || offset + length > bytesRead) return null;
    return head.toString('utf8', offset, offset + length);
  } finally {
    await file.close();
  }
}
