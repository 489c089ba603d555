/** A VMDK in several files: the description names them, and each is looked at before anything opens it. */

import { checkedSize, refused } from '../disk-header/header.ts';
import { parseVmdk, parseVmdkDescriptor, type VmdkExtent } from '../disk-header/vmdk.ts';
import { bytesOf, type DiskPiece } from './piece.ts';

const SECTOR_BYTES = 512;
const MAX_TEXT_BYTES = 1024 * 1024;
/** Each is a descriptor of the program that reads them. */
const MAX_PARTS = 900;
const MAX_SECTORS = (64 * 1024 ** 4) / SECTOR_BYTES;
const WHOLE_HINT = 'Put all its parts beside it under the names it says, or export the machine as an OVA.';
const KINDS = { FLAT: 'flat', VMFS: 'flat', SPARSE: 'sparse', ZERO: 'zero' } as const;

export interface VmdkPart {
  /** How it is stored; `zero`: it is nothing but zeros. */
  readonly kind: (typeof KINDS)[keyof typeof KINDS];
  readonly sectors: number;
  /** Where in a flat part it begins. */
  readonly offsetSectors: number;
  /** null for `zero`. */
  readonly piece: DiskPiece | null;
}

/**
 * `text`: the description; `partOf` opens a file of a plain name beside it. Throws `bad-data` for a difference to another
 * disk, for parts elsewhere, cut off or of another size than said, and what `partOf` throws.
 */
export async function readVmdkParts(
  text: DiskPiece,
  partOf: (name: string) => Promise<DiskPiece>,
): Promise<{ readonly virtualBytes: number; readonly parts: readonly VmdkPart[] }> {
  if (text.sizeBytes > MAX_TEXT_BYTES) throw refused('vmdk', 'its description is too long');
  const extents = requireParts((await bytesOf(text).read(0, text.sizeBytes)).toString('latin1'));
  const sectors = extents.reduce((sum, extent) => sum + extent.sectors, 0);
  const virtualBytes = checkedSize('vmdk', BigInt(sectors) * BigInt(SECTOR_BYTES));
  const parts: VmdkPart[] = [];
  for (const extent of extents) {
    const kind = KINDS[extent.type as keyof typeof KINDS];
    const piece = kind === 'zero' ? null : await checkedPart(extent, kind, partOf);
    parts.push({ kind, sectors: extent.sectors, offsetSectors: extent.offsetSectors, piece });
  }
  return { virtualBytes, parts };
}

/** Throws `bad-data` unless every line about a part is understood and stays in the folder. */
export function requireParts(text: string): readonly VmdkExtent[] {
  const { extents, hasParent } = parseVmdkDescriptor(text);
  if (hasParent || /parentFileNameHint/i.test(text))
    throw refused('vmdk', 'it is only the difference to another file (a snapshot)', WHOLE_HINT);
  const lines = text.split(/\r?\n/).filter((line) => /^\s*(RW|RDONLY|NOACCESS)\b/.test(line));
  if (lines.length !== extents.length) throw refused('vmdk', 'a line about one of its parts cannot be read');
  if (extents.length === 0) throw refused('vmdk', 'its description names no part');
  if (extents.length > MAX_PARTS) throw refused('vmdk', 'it has too many parts');
  for (const { access, sectors, type, file, offsetSectors } of extents) {
    if (access === 'NOACCESS') throw refused('vmdk', 'one of its parts is not accessible');
    if (!(sectors > 0 && sectors <= MAX_SECTORS)) throw refused('vmdk', 'one of its parts has an impossible size');
    if (!(offsetSectors >= 0 && offsetSectors <= MAX_SECTORS)) throw refused('vmdk', 'one of its parts begins nowhere');
    if (!Object.hasOwn(KINDS, type))
      throw refused('vmdk', `one of its parts is of the kind ${type.slice(0, 20)}`, WHOLE_HINT);
    if (type !== 'ZERO' && (file === null || !isPlainName(file)))
      throw refused('vmdk', 'one of its parts is not in its own folder', WHOLE_HINT);
  }
  return extents;
}

async function checkedPart(
  { file, sectors, offsetSectors }: VmdkExtent,
  kind: 'flat' | 'sparse',
  partOf: (name: string) => Promise<DiskPiece>,
): Promise<DiskPiece> {
  const name = file as string;
  const piece = await partOf(name);
  const bytes = sectors * SECTOR_BYTES;
  if (kind === 'flat') {
    if (offsetSectors * SECTOR_BYTES + bytes > piece.sizeBytes)
      throw refused('vmdk', `its part ${JSON.stringify(name)} is cut off`);
    return piece;
  }
  // A part is never a description itself: that would lead on to further files.
  const magic = (await bytesOf(piece).read(0, 4)).toString('latin1');
  if (magic !== 'KDMV') throw refused('vmdk', `its part ${JSON.stringify(name)} is none`);
  if ((await parseVmdk(bytesOf(piece))) !== bytes)
    throw refused('vmdk', `its part ${JSON.stringify(name)} has another size than said`);
  return piece;
}

/** A file beside the one that names it. Backslashes are Windows's, colons are drives there and protocols in QEMU. */
export function isPlainName(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  return name !== '' && name.length <= 255 && name !== '.' && name !== '..' && !/[/\\:\u0000-\u001f\u007f]/.test(name);
}
