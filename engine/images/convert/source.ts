/** A disk of another program, checked and described so that qemu-img opens nothing but what it is handed. */
import type { FileHandle } from 'node:fs/promises';
import { GuesthouseError } from '../../contract/errors.ts';
import { refused } from '../disk-header/header.ts';
import { type DiskFormat, detectDiskFormat, parseDiskHeader } from '../disk-header/index.ts';
import { parseVmdkDescriptor } from '../disk-header/vmdk.ts';
import { hasPartitions } from '../import/detect.ts';
import { bytesOf, type DiskPiece } from './piece.ts';
import { readVmdkParts, type VmdkPart } from './vmdk-parts.ts';

/** A node of QEMU's block layer (qapi/block-core.json, BlockdevOptions). */
export type BlockNode = Readonly<Record<string, unknown>>;

/** How the description of a disk in parts is handed on: written anew, with names of our own. */
export interface SourceDisk {
  readonly format: DiskFormat;
  /** What the guest sees (bytes). */
  readonly virtualBytes: number;
  /** `pathOf` answers the name of an opened file; `write` keeps a text in a file of ours and opens it. */
  readonly node: (
    pathOf: (file: FileHandle) => string,
    write: (text: string) => Promise<FileHandle>,
  ) => Promise<BlockNode>;
  readonly files: readonly FileHandle[];
}

/** Enough for the signatures of partition tables and of media (bytes). */
const HEAD_BYTES = 36 * 1024;
/** Where the text of a whole VMDK begins, and as much of it as is looked at (bytes). */
const TEXT_AT = 512;
const TEXT_BYTES = 10_240;

/**
 * Looks at the headers of the disk in `piece`. `format`: what it is said to be where only that may be; left out: by its
 * content. `partOf`: opens a file beside it, for a VMDK in parts. Throws `bad-data`, and what `partOf` throws. Opened
 * parts belong to whoever gave `partOf`.
 */
export async function sourceDisk(
  piece: DiskPiece,
  format: DiskFormat | null,
  partOf: ((name: string) => Promise<DiskPiece>) | null = null,
): Promise<SourceDisk> {
  const bytes = bytesOf(piece);
  const found = format ?? (await detectDiskFormat(bytes)) ?? 'raw';
  if (format === null && found === 'raw' && !hasPartitions(await bytes.read(0, HEAD_BYTES)))
    throw refused('raw', 'it has neither a known header nor partitions');
  if (found === 'vmdk') {
    const isText = (await bytes.read(0, 4)).toString('latin1') === '# Di';
    if (isText && partOf !== null) {
      const { virtualBytes, parts } = await readVmdkParts(piece, partOf);
      return inParts(parts, virtualBytes);
    }
    if (!isText) await requireNoPart(piece);
  }
  const { virtualBytes } = await parseDiskHeader(bytes, { as: found });
  return whole(piece, found, virtualBytes);
}

/** One file of a VMDK in several has room for a text and none in it. */
async function requireNoPart(piece: DiskPiece): Promise<void> {
  const text = (await bytesOf(piece).read(TEXT_AT, TEXT_BYTES)).toString('latin1');
  if (parseVmdkDescriptor(text).createType === '')
    throw refused(
      'vmdk',
      'it is one part of a disk in several files',
      'Import the file that describes the disk: the one without a number in its name.',
    );
}

function whole(piece: DiskPiece, format: DiskFormat, virtualBytes: number): SourceDisk {
  return {
    format,
    virtualBytes,
    files: [piece.file],
    node: async (pathOf) => ({
      driver: format,
      // Some programs write a size that their cylinders do not reach; the disk is as large as it says.
      ...(format === 'vpc' ? { force_size_calc: 'current_size' } : {}),
      ...(format === 'qcow2' || format === 'vmdk' ? { backing: null } : {}),
      file: await fileNode(piece, pathOf),
    }),
  };
}

async function fileNode(piece: DiskPiece, pathOf: (file: FileHandle) => string): Promise<BlockNode> {
  const file = { driver: 'file', filename: pathOf(piece.file) };
  const { size } = await piece.file.stat();
  if (piece.offset === 0 && piece.sizeBytes === size) return file;
  return { driver: 'raw', offset: piece.offset, size: piece.sizeBytes, file };
}

function inParts(parts: readonly VmdkPart[], virtualBytes: number): SourceDisk {
  const files = [...new Set(parts.flatMap(({ piece }) => (piece === null ? [] : [piece.file])))];
  return {
    format: 'vmdk',
    virtualBytes,
    files,
    async node(pathOf, write) {
      const lines = parts.map(({ kind, sectors, piece, offsetSectors }) => {
        if (piece === null) return `RW ${sectors} ZERO`;
        const name = `"${pathOf(piece.file)}"`;
        return kind === 'flat' ? `RW ${sectors} FLAT ${name} ${offsetSectors}` : `RW ${sectors} SPARSE ${name}`;
      });
      const kind = parts.some((part) => part.kind === 'sparse') ? 'twoGbMaxExtentSparse' : 'twoGbMaxExtentFlat';
      const text = [
        '# Disk DescriptorFile',
        'version=1',
        'CID=fffffffe',
        'parentCID=ffffffff',
        `createType="${kind}"`,
        '',
        '# Extent description',
        ...lines,
        '',
      ].join('\n');
      return { driver: 'vmdk', backing: null, file: { driver: 'file', filename: pathOf(await write(text)) } };
    },
  };
}

/** What went wrong with a disk that passed the look at its headers. */
export function unreadableDisk(format: string, cause: string): GuesthouseError {
  return new GuesthouseError({
    code: 'bad-data',
    message: `The ${format} disk cannot be read.`,
    cause,
    hint: 'The file is damaged or was not copied whole. Copy it again from where it comes from.',
  });
}
