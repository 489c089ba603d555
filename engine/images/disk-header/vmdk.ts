/**
 * VMDK (VMware, "Virtual Disk Format 5.0"). A disk is described by a text that names its parts (extents) as files: it
 * stands in a file of its own, or inside the one file of a `monolithicSparse` or `streamOptimized` disk, the only kinds
 * that are taken.
 */
import { type ByteSource, checkedSize, readWhole, refused } from './header.ts';

const SECTOR_BYTES = 512;
const AT = { version: 4, capacity: 12, grain: 20, textOffset: 28, textSize: 36, perTable: 44, directory: 56 };
/** Where QEMU reads the text in a file that has both (block/vmdk.c), whatever the header says. */
const TEXT_OFFSET = 512;
const MAX_TEXT_BYTES = 64 * 1024;
const NO_PARENT = 'ffffffff';
const DIRECTORY_AT_END = 0xffff_ffff_ffff_ffffn;

export interface VmdkExtent {
  readonly access: string;
  readonly sectors: number;
  /** `SPARSE`, `FLAT`, `ZERO`, `VMFS`, ... */
  readonly type: string;
  /** As the text has it: not to be opened unless it is a plain name beside the text. null: it has no file. */
  readonly file: string | null;
  readonly offsetSectors: number;
}

export interface VmdkDescriptor {
  /** `monolithicSparse`, `streamOptimized`, `monolithicFlat`, `twoGbMaxExtentSparse`, ...; empty when it says none. */
  readonly createType: string;
  readonly extents: readonly VmdkExtent[];
  /** It is only the difference to another disk. */
  readonly hasParent: boolean;
}

/** Never fails: what it cannot read is not there. */
export function parseVmdkDescriptor(text: string): VmdkDescriptor {
  const lines = text.split('\0', 1)[0]?.split(/\r?\n/) ?? [];
  const word = (key: string) => {
    const line = lines.find((one) => one.trimStart().toLowerCase().startsWith(`${key.toLowerCase()}=`));
    return line?.slice(line.indexOf('=') + 1).replace(/^\s*"?|"?\s*$/g, '') ?? null;
  };
  const extents = lines.flatMap((line): VmdkExtent[] => {
    const [, access, sectors, type, , file, offset] =
      /^\s*(RW|RDONLY|NOACCESS)\s+(\d+)\s+([A-Z]+)(\s+"([^"]*)"(?:\s+(\d+))?)?/.exec(line) ?? [];
    if (!access || !sectors || !type) return [];
    return [{ access, sectors: Number(sectors), type, file: file ?? null, offsetSectors: Number(offset ?? 0) }];
  });
  const parent = word('parentCID');
  return {
    createType: word('createType') ?? '',
    extents,
    hasParent: (parent !== null && parent.toLowerCase() !== NO_PARENT) || word('parentFileNameHint') !== null,
  };
}

/** Answers the size a guest sees (bytes). Throws `bad-data` for everything that is not one whole file. */
export async function parseVmdk(source: ByteSource): Promise<number> {
  const head = await source.read(0, SECTOR_BYTES);
  const magic = head.toString('latin1', 0, 4);
  if (magic === '# Di') throw elsewhere(parseVmdkDescriptor((await source.read(0, MAX_TEXT_BYTES)).toString('latin1')));
  if (magic === 'COWD') throw refused('vmdk', 'it is one part of a disk of an ESX host');
  if (head.length < SECTOR_BYTES || magic !== 'KDMV') throw refused('vmdk', 'its header is cut off');
  const version = head.readUInt32LE(AT.version);
  if (version < 1 || version > 3) throw refused('vmdk', `it has version ${version} of the format; 1 to 3 are known`);
  const capacity = head.readBigUInt64LE(AT.capacity);
  // With none, QEMU believes the text inside, extents and all.
  const virtualBytes = checkedSize('vmdk', capacity * BigInt(SECTOR_BYTES));
  const grain = head.readBigUInt64LE(AT.grain);
  if (grain < 8n || grain > 128n * 1024n || (grain & (grain - 1n)) !== 0n)
    throw refused('vmdk', 'its grain size is impossible');
  const perTable = head.readUInt32LE(AT.perTable);
  if (perTable < 1 || perTable > 512) throw refused('vmdk', 'its tables are impossible');
  const directory = head.readBigUInt64LE(AT.directory);
  if (directory !== DIRECTORY_AT_END && directory * BigInt(SECTOR_BYTES) > BigInt(source.sizeBytes))
    throw refused('vmdk', 'it is cut off');
  for (const text of await texts(source, head)) requireWhole(parseVmdkDescriptor(text));
  return virtualBytes;
}

/** The text where the header says it is, and where QEMU looks for it. */
async function texts(source: ByteSource, head: Buffer): Promise<string[]> {
  const offset = head.readBigUInt64LE(AT.textOffset);
  const size = head.readBigUInt64LE(AT.textSize);
  const found = [(await source.read(TEXT_OFFSET, MAX_TEXT_BYTES)).toString('latin1')];
  if (offset > 0n && offset !== BigInt(TEXT_OFFSET / SECTOR_BYTES)) {
    const length = Math.min(Number(size) * SECTOR_BYTES, MAX_TEXT_BYTES);
    found.push((await readWhole(source, 'vmdk', Number(offset) * SECTOR_BYTES, length)).toString('latin1'));
  }
  return found;
}

function requireWhole({ createType, extents, hasParent }: VmdkDescriptor): void {
  if (hasParent) throw refused('vmdk', 'it is only the difference to another file (a snapshot)', WHOLE_HINT);
  if (createType !== '' && createType !== 'monolithicSparse' && createType !== 'streamOptimized')
    throw refused('vmdk', `it is of the kind ${JSON.stringify(createType.slice(0, 40))}`, WHOLE_HINT);
  if (extents.length > 1 || extents.some(({ type }) => type !== 'SPARSE'))
    throw refused('vmdk', 'parts of it are in other files', WHOLE_HINT);
}

const WHOLE_HINT = 'Export the machine as an OVA where it comes from, and import that.';

function elsewhere({ extents }: VmdkDescriptor) {
  const names = extents.flatMap(({ file }) => (file === null ? [] : [JSON.stringify(file.slice(0, 60))]));
  const where = names.length === 0 ? '' : ` (${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''})`;
  return refused('vmdk', `this is only its description; its data are in other files${where}`, WHOLE_HINT);
}
