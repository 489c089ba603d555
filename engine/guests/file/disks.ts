/** Further disks in a guest file: each whole, so that the images they are differences to need not come along. */
import { DISK_DEFAULTS, isHostDisk } from '../../contract/disk.ts';
import type { GuestSpec } from '../../contract/guest.ts';
import type { Driver, GuestRecord, OperationContext } from '../../drivers/driver.ts';
import { parseQcow2, QCOW2_HEAD_BYTES } from '../../images/disk-header/qcow2.ts';
import { type FileMember, type GuestDocument, notGuest } from './document.ts';

type FileDisks = NonNullable<GuestDocument['disks']>;

const GIB = 1024 ** 3;

/** A disk of the host is nothing of the guest's. `pack` puts one member into the file. */
export async function packDisks(
  driver: Pick<Driver, 'exportData'>,
  guest: GuestRecord,
  pack: (step: string, content: AsyncIterable<Uint8Array>) => Promise<FileMember>,
  operation: OperationContext,
): Promise<FileDisks> {
  const packed: FileDisks = [];
  for (const { name } of guest.spec.disks.filter((disk) => !isHostDisk(disk))) {
    let head = Buffer.alloc(0);
    const content = async function* () {
      for await (const piece of driver.exportData?.(guest, operation, name) ?? []) {
        if (head.length < QCOW2_HEAD_BYTES) head = Buffer.concat([head, piece.subarray(0, QCOW2_HEAD_BYTES)]);
        yield piece;
      }
    };
    const member = await pack(`Writing the disk ${name}`, content());
    packed.push({ name, virtualBytes: parseQcow2(head, member.sizeBytes).virtualBytes, ...member });
  }
  return packed;
}

/** What the disks are here; what is left out is told. Throws `bad-data` when one is wanted that is not in the file. */
export function disksFrom({ guest, disks = [] }: GuestDocument, notes: string[]): GuestSpec['disks'] {
  return guest.disks.flatMap((disk) => {
    if (isHostDisk(disk)) {
      notes.push(`${disk.name} was a disk of the other host (${disk.from}) and was left out.`);
      return [];
    }
    const packed = disks.find(({ name }) => name === disk.name);
    if (!packed) throw notGuest(`its disk ${disk.name} is missing`);
    const { from, format } = DISK_DEFAULTS;
    return { ...disk, from, format, sizeGib: packed.virtualBytes / GIB };
  });
}
