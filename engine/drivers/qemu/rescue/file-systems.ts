/**
 * What a block device holds, by its first bytes. They come from a disk nobody vouches for: fixed places are compared, and
 * nothing is followed. Pure.
 */

/** Of each device that is looked at; btrfs says what it is after 64 KiB, CDs after 32 KiB. */
export const PEEK_BYTES = 33 * 4096;

export interface Held {
  readonly type: string;
  readonly label: string | null;
  readonly uuid: string | null;
}

interface Kind {
  readonly type: string;
  is(bytes: Buffer): boolean;
  uuid?(bytes: Buffer): string | null;
  label?(bytes: Buffer): string | null;
}

const at = (offset: number, magic: string | readonly number[]) => (bytes: Buffer) => {
  const wanted = typeof magic === 'string' ? Buffer.from(magic, 'latin1') : Buffer.from(magic);
  return bytes.subarray(offset, offset + wanted.length).equals(wanted);
};
const uuidAt = (offset: number) => (bytes: Buffer) => {
  const hex = bytes.subarray(offset, offset + 16).toString('hex');
  return hex.length < 32 || /^0+$/.test(hex)
    ? null
    : hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
};
const textAt = (offset: number, length: number) => (bytes: Buffer) => {
  const text = bytes
    .subarray(offset, offset + length)
    .toString('utf8')
    .replace(/\0.*$/s, '')
    .trim();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is shown to a person
  return text === '' ? null : text.replace(/[\x00-\x1f\x7f\ufffd]/g, '?');
};
const hexBackwards = (offset: number, length: number) => (bytes: Buffer) =>
  bytes.length < offset + length
    ? null
    : Buffer.from(bytes.subarray(offset, offset + length))
        .reverse()
        .toString('hex')
        .toUpperCase();
const fatSerial = (offset: number) => (bytes: Buffer) =>
  hexBackwards(offset, 4)(bytes)?.replace(/^(.{4})(.{4})$/, '$1-$2') ?? null;
const noName = (read: (bytes: Buffer) => string | null) => (bytes: Buffer) => {
  const name = read(bytes);
  return name === 'NO NAME' ? null : name;
};
const boots = at(510, [0x55, 0xaa]);

/** In order: what lies under a file system is asked before it. Layouts: each one's own documentation, and util-linux's libblkid. */
const KINDS: readonly Kind[] = [
  { type: 'luks', is: at(0, 'LUKS\xba\xbe'), uuid: textAt(168, 36), label: (bytes) => luksLabel(bytes) },
  { type: 'bitlocker', is: at(3, '-FVE-FS-') },
  { type: 'lvm', is: (bytes) => [0, 512, 1024, 1536].some((offset) => at(offset, 'LABELONE')(bytes)) },
  { type: 'raid', is: (bytes) => [0, 4096].some((offset) => at(offset, [0xfc, 0x4e, 0x2b, 0xa9])(bytes)) },
  { type: 'xfs', is: at(0, 'XFSB'), uuid: uuidAt(32), label: textAt(108, 12) },
  { type: 'btrfs', is: at(0x10040, '_BHRfS_M'), uuid: uuidAt(0x10020), label: textAt(0x1012b, 256) },
  { type: 'ext4', is: at(0x438, [0x53, 0xef]), uuid: uuidAt(0x468), label: textAt(0x478, 16) },
  { type: 'swap', is: at(4086, 'SWAPSPACE2'), uuid: uuidAt(1036), label: textAt(1052, 16) },
  { type: 'ntfs', is: at(3, 'NTFS    '), uuid: hexBackwards(72, 8) },
  { type: 'exfat', is: at(3, 'EXFAT   '), uuid: fatSerial(100) },
  {
    type: 'vfat',
    is: (bytes) => boots(bytes) && at(82, 'FAT32')(bytes),
    uuid: fatSerial(67),
    label: noName(textAt(71, 11)),
  },
  {
    type: 'vfat',
    is: (bytes) => boots(bytes) && at(54, 'FAT1')(bytes),
    uuid: fatSerial(39),
    label: noName(textAt(43, 11)),
  },
  { type: 'iso9660', is: at(0x8001, 'CD001'), label: textAt(0x8028, 32) },
  { type: 'squashfs', is: at(0, 'hsqs') },
  { type: 'erofs', is: at(1024, [0xe2, 0xe1, 0xf5, 0xe0]), uuid: uuidAt(1072), label: textAt(1088, 16) },
  { type: 'f2fs', is: at(1024, [0x10, 0x20, 0xf5, 0xf2]), uuid: uuidAt(1024 + 108) },
  { type: 'ufs', is: at(65_536 + 0x55c, [0x19, 0x01, 0x54, 0x19]) },
  { type: 'ufs', is: at(8192 + 0x55c, [0x19, 0x01, 0x54, 0x19]) },
  { type: 'zfs', is: at(0x20000 + 0x400, [0x0c, 0xb1, 0xba, 0, 0, 0, 0, 0]) },
];

/** null: nothing that is known here. */
export function heldBy(bytes: Buffer): Held | null {
  const kind = KINDS.find(({ is }) => is(bytes));
  return kind ? { type: kind.type, uuid: kind.uuid?.(bytes) ?? null, label: kind.label?.(bytes) ?? null } : null;
}

/** Version 2 alone has one. */
function luksLabel(bytes: Buffer): string | null {
  return bytes.length > 8 && bytes.readUInt16BE(6) === 2 ? textAt(24, 48)(bytes) : null;
}

/** File systems of the list the rescue's kernel opens (engine/images/boot/rescue.ts has its modules). */
export const OPENABLE: ReadonlySet<string> = new Set([
  ...['ext4', 'xfs', 'btrfs', 'vfat', 'exfat', 'ntfs3', 'iso9660', 'squashfs', 'erofs', 'f2fs'],
]);

/** Why one cannot be opened, as a sentence; null: it is no file system, or one that can. */
export function whyClosed(type: string | null): string | null {
  switch (type) {
    case null:
      return null;
    case 'luks':
      return 'It is encrypted (LUKS): its passphrase opens it.';
    case 'bitlocker':
      return 'It is encrypted (BitLocker): without its key nothing of it can be read.';
    case 'lvm':
      return 'It is a part of a volume group (LVM).';
    case 'raid':
      return 'It is a part of a software RAID, which is not put together here.';
    case 'swap':
      return null;
    case 'ntfs':
      return "The rescue's kernel cannot read NTFS.";
    case 'ufs':
      return "The rescue's kernel cannot read BSD's file system.";
    case 'zfs':
      return "The rescue's kernel cannot read ZFS.";
    default:
      return OPENABLE.has(type) ? null : `The rescue's kernel cannot read ${type}.`;
  }
}

/** Bytes at the beginning that are looked at, and how many different ones of 256 only random data have among them. */
const [SAMPLE_BYTES, MANY_VALUES] = [4096, 250];

/** What is to be said of a device on which nothing known is; null: nothing. */
export function whyUnknown(head: Buffer): string | null {
  return new Set(head.subarray(0, SAMPLE_BYTES)).size > MANY_VALUES
    ? 'Nothing known is on it. It may be encrypted with its header kept elsewhere (a detached LUKS header, plain dm-crypt), which cannot be opened here.'
    : null;
}
