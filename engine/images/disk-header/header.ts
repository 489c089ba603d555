/** What the header of a disk says, and how it is refused. */
import { GuesthouseError } from '../../contract/errors.ts';

/** By QEMU's names, for `-f`, `-O` and `driver`. `vpc`: VHD. */
export type DiskFormat = 'qcow2' | 'raw' | 'vmdk' | 'vdi' | 'vpc' | 'vhdx';

export interface DiskHeader {
  /** To be named in every call of qemu-img and QEMU: they never find out by themselves. */
  readonly format: DiskFormat;
  /** What a guest sees. */
  readonly virtualBytes: number;
}

/** Larger than any disk somebody means; QEMU would take up to 8 EiB. */
export const MAX_VIRTUAL_BYTES = 64n * 1024n ** 4n;

const TITLES: Readonly<Record<DiskFormat, string>> = {
  qcow2: 'qcow2 disk',
  raw: 'raw disk',
  vmdk: 'VMDK disk',
  vdi: 'VDI disk',
  vpc: 'VHD disk',
  vhdx: 'VHDX disk',
};

/** `bad-data`: one sentence of why this disk is not given to anybody. `why` follows "cannot be used: ". */
export function refused(format: DiskFormat, why: string, hint?: string): GuesthouseError {
  return new GuesthouseError({
    code: 'bad-data',
    message: `The ${TITLES[format]} cannot be used: ${why}.`,
    hint: hint ?? `Make a whole copy with \`qemu-img convert -f ${format} -O qcow2 FILE whole.qcow2\` and import that.`,
  });
}

/** The size a guest would see, or the reason why not. */
export function checkedSize(format: DiskFormat, bytes: bigint): number {
  if (bytes <= 0n) throw refused(format, 'it has no size');
  if (bytes > MAX_VIRTUAL_BYTES)
    throw refused(format, 'it claims to be larger than 64 TiB', 'It is damaged, or made to do harm. Fetch it again.');
  return Number(bytes);
}

/** Bytes of a file at any place. */
export interface ByteSource {
  readonly sizeBytes: number;
  /** Fewer than asked for at the end of the file, none beyond it. */
  read(offset: number, length: number): Promise<Buffer>;
}

/** `length` bytes at `offset`, or the refusal of a file that is cut off there. */
export async function readWhole(
  source: ByteSource,
  format: DiskFormat,
  offset: number,
  length: number,
): Promise<Buffer> {
  if (!Number.isSafeInteger(offset) || offset < 0 || offset + length > source.sizeBytes)
    throw refused(format, 'it is cut off');
  const bytes = await source.read(offset, length);
  if (bytes.length < length) throw refused(format, 'it is cut off');
  return bytes;
}
