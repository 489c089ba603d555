/** Disks of every format, whole ones and such that reach elsewhere. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GuesthouseError } from '../../contract/errors.ts';
import { type ByteSource, detectDiskFormat, parseDiskHeader } from './index.ts';

const GIB = 1024n ** 3n;
const MIB = 1024 * 1024;

const sourceOf = (bytes: Buffer): ByteSource => ({
  sizeBytes: bytes.length,
  read: async (offset, length) => bytes.subarray(Math.max(0, offset), Math.max(0, offset) + length),
});
const parse = (bytes: Buffer) => parseDiskHeader(sourceOf(bytes));

function vmdk(text = 'createType="monolithicSparse"\nparentCID=ffffffff\nRW 2097152 SPARSE "a.vmdk"\n'): Buffer {
  const bytes = Buffer.alloc(64 * 1024);
  bytes.write('KDMV');
  bytes.writeUInt32LE(1, 4);
  bytes.writeBigUInt64LE(GIB / 512n, 12);
  bytes.writeBigUInt64LE(128n, 20);
  bytes.writeBigUInt64LE(1n, 28);
  bytes.writeBigUInt64LE(20n, 36);
  bytes.writeUInt32LE(512, 44);
  bytes.writeBigUInt64LE(26n, 56);
  bytes.write(text, 512);
  return bytes;
}

function vdi(): Buffer {
  const bytes = Buffer.alloc(8192);
  bytes.write('<<< Oracle VM VirtualBox Disk Image >>>\n');
  bytes.writeUInt32LE(0xbeda107f, 64);
  bytes.writeUInt32LE(0x00010001, 68);
  bytes.writeUInt32LE(1, 76);
  bytes.writeUInt32LE(512, 340);
  bytes.writeUInt32LE(4608, 344);
  bytes.writeUInt32LE(512, 360);
  bytes.writeBigUInt64LE(GIB, 368);
  bytes.writeUInt32LE(MIB, 376);
  bytes.writeUInt32LE(1024, 384);
  return bytes;
}

function vhd(type = 3, size = GIB): Buffer {
  const bytes = Buffer.alloc(16 * 1024);
  const footer = Buffer.alloc(512);
  footer.write('conectix');
  footer.writeBigUInt64BE(512n, 16);
  footer.writeBigUInt64BE(size, 48);
  footer.writeUInt32BE(type, 60);
  footer.writeUInt32BE(~footer.reduce((sum, byte) => sum + byte, 0) >>> 0, 64);
  footer.copy(bytes, 0);
  footer.copy(bytes, bytes.length - 512);
  bytes.write('cxsparse', 512);
  bytes.writeBigUInt64BE(1536n, 512 + 16);
  bytes.writeUInt32BE(512, 512 + 28);
  bytes.writeUInt32BE(2 * MIB, 512 + 32);
  return bytes;
}

function vhdx(change: (bytes: Buffer) => void = () => {}): Buffer {
  const bytes = Buffer.alloc(3 * MIB);
  bytes.write('vhdxfile');
  bytes.write('head', 64 * 1024);
  bytes.write('regi', 192 * 1024);
  bytes.writeUInt32LE(1, 192 * 1024 + 8);
  bytes.write('06a27c8b90479a4bb8fe575f050f886e', 192 * 1024 + 16, 'hex');
  bytes.writeBigUInt64LE(BigInt(2 * MIB), 192 * 1024 + 32);
  bytes.write('metadata', 2 * MIB);
  bytes.writeUInt16LE(2, 2 * MIB + 10);
  bytes.write('3767a1ca36fa434db3b633f0aa44e76b', 2 * MIB + 32, 'hex');
  bytes.writeUInt32LE(64 * 1024, 2 * MIB + 48);
  bytes.write('2442a52f1bcd7648b2115dbed83bf4b8', 2 * MIB + 64, 'hex');
  bytes.writeUInt32LE(64 * 1024 + 8, 2 * MIB + 80);
  bytes.writeBigUInt64LE(GIB, 2 * MIB + 64 * 1024 + 8);
  change(bytes);
  return bytes;
}
const changed = (bytes: Buffer, change: (bytes: Buffer) => void) => {
  change(bytes);
  return bytes;
};

it.each([
  ['vmdk', vmdk()],
  ['vdi', vdi()],
  ['vpc', vhd()],
  ['vhdx', vhdx()],
] as const)('reads %s', async (format, bytes) => {
  expect(await parse(bytes)).toEqual({ format, virtualBytes: Number(GIB) });
});

it('takes what has no header for raw, in whole sectors, and asks nobody when it is told so', async () => {
  expect(await parse(Buffer.alloc(1025))).toEqual({ format: 'raw', virtualBytes: 1536 });
  expect(await parseDiskHeader(sourceOf(vmdk()), { as: 'raw' })).toMatchObject({ format: 'raw' });
});

it('knows a VHD of fixed size by its end alone', async () => {
  const disk = Buffer.concat([Buffer.alloc(MIB, 1), vhd(2, BigInt(MIB)).subarray(0, 512)]);
  expect(await parse(disk)).toEqual({ format: 'vpc', virtualBytes: MIB });
  // The guest's own bytes may look like one by chance or ill will, but not with the right sum.
  disk[disk.length - 1] = 7;
  expect(await detectDiskFormat(sourceOf(disk))).toBeNull();
});

describe('refuses, with one reason', () => {
  const descriptor = (text: string) => Buffer.from(`# Disk DescriptorFile\nversion=1\n${text}`);
  const cases: [string, Buffer, RegExp][] = [
    ['a VMDK description alone', descriptor('RW 8 FLAT "/etc/shadow" 0\n'), /other files \("\/etc\/shadow"\)/],
    ['a VMDK that hides one', changed(vmdk(), (b) => b.writeBigUInt64LE(0n, 12)), /no size/],
    ['a VMDK with an extent elsewhere', vmdk('RW 8 SPARSE "a"\nRW 8 FLAT "../b" 0\n'), /other files/],
    ['a flat VMDK', vmdk('createType="monolithicFlat"\n'), /monolithicFlat/],
    ['a VMDK with a parent', vmdk('parentCID=0badcafe\n'), /snapshot/],
    ['a VMDK with the name of a parent', vmdk('parentFileNameHint="/etc/passwd"\n'), /snapshot/],
    [
      'a VMDK whose text is where only QEMU looks',
      changed(vmdk('parentFileNameHint="x"\n'), (b) => b.writeBigUInt64LE(40n, 28)),
      /snapshot/,
    ],
    ['a VMDK of 8 EiB', changed(vmdk(), (b) => b.writeBigUInt64LE(2n ** 54n, 12)), /64 TiB/],
    ['a VMDK of ESX', Buffer.concat([Buffer.from('COWD'), Buffer.alloc(600)]), /ESX/],
    ['a VMDK that is cut off', vmdk().subarray(0, 200), /cut off/],
    ['a VDI that is a difference', changed(vdi(), (b) => b.writeUInt32LE(4, 76)), /difference/],
    ['a VDI with a parent', changed(vdi(), (b) => b.writeUInt8(1, 445)), /difference/],
    ['a VDI with too short a table', changed(vdi(), (b) => b.writeUInt32LE(3, 384)), /too short/],
    ['a VDI whose table is not there', vdi().subarray(0, 2048), /cut off/],
    ['a VDI of an unknown version', changed(vdi(), (b) => b.writeUInt32LE(0x20000, 68)), /version 2/],
    ['a VHD that is a difference', vhd(4), /difference/],
    ['a VHD that is damaged', changed(vhd(), (b) => b.fill(9, 60, 70)), /damaged/],
    ['a VHD with too short a table', changed(vhd(), (b) => b.writeUInt32BE(3, 540)), /too short/],
    ['a VHDX with a parent', vhdx((b) => b.writeUInt32LE(2, 2 * MIB + 64 * 1024 + 4)), /difference/],
    [
      'a VHDX with the place of a parent',
      vhdx((b) => b.write('2d5fd3a80bb34d45abf7d3d84834ab0c', 2 * MIB + 32, 'hex')),
      /difference/,
    ],
    ['a VHDX with an open log', vhdx((b) => b.writeUInt8(1, 64 * 1024 + 48)), /not closed/],
    ['a VHDX of 8 EiB', vhdx((b) => b.writeBigUInt64LE(2n ** 63n, 2 * MIB + 64 * 1024 + 8)), /64 TiB/],
    ['a VHDX that is cut off', vhdx().subarray(0, 300 * 1024), /cut off/],
  ];
  it.each(cases)('%s', async (_, bytes, why) => {
    await expect(parse(bytes)).rejects.toThrow(why);
    await expect(parse(bytes)).rejects.toMatchObject({ code: 'bad-data' });
  });
});

/** Whatever a file holds, it is a header or a refusal, never a fault of ours, and no size is beyond the limit. */
it('holds against chance and small changes of every format', async () => {
  const seeds = [vmdk(), vdi(), vhd(), vhdx(), Buffer.from('QFI\xfb\0\0\0\x03'.padEnd(512, '\0'), 'latin1')];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...seeds),
      fc.array(fc.tuple(fc.nat(4096), fc.uint8Array({ minLength: 1, maxLength: 8 })), { maxLength: 6 }),
      fc.option(fc.nat(4096), { nil: null }),
      async (seed, changes, cut) => {
        const bytes = Buffer.from(seed);
        for (const [at, piece] of changes) Buffer.from(piece).copy(bytes, Math.min(at, bytes.length));
        await parse(cut === null ? bytes : bytes.subarray(0, cut)).then(
          ({ virtualBytes }) => expect(virtualBytes).toBeLessThanOrEqual(64 * 1024 ** 4),
          (error) => {
            expect(error).toBeInstanceOf(GuesthouseError);
            expect(error.code).toBe('bad-data');
          },
        );
      },
    ),
    { numRuns: 400 },
  );
});
