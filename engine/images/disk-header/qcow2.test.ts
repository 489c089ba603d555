import { describe, expect, it } from 'vitest';
import { parseQcow2 } from './qcow2.ts';

function header(change: (head: Buffer) => void = () => {}): Buffer {
  const head = Buffer.alloc(512);
  head.write('QFI\xfb', 0, 'latin1');
  head.writeUInt32BE(3, 4);
  head.writeUInt32BE(16, 20);
  head.writeBigUInt64BE(1024n ** 3n, 24);
  head.writeUInt32BE(2, 36);
  head.writeBigUInt64BE(0x30000n, 40);
  head.writeBigUInt64BE(0x10000n, 48);
  head.writeUInt32BE(112, 100);
  change(head);
  return head;
}
const SIZE = 262_144;

function hintOf(act: () => unknown): string {
  try {
    act();
    return 'it is taken';
  } catch (error) {
    return (error as { hint?: string }).hint ?? '';
  }
}

describe('parseQcow2', () => {
  it('reads versions 2 and 3', () => {
    expect(parseQcow2(header(), SIZE)).toEqual({ version: 3, virtualBytes: 1024 ** 3, clusterBytes: 65_536 });
    expect(
      parseQcow2(
        header((head) => head.writeUInt32BE(2, 4)),
        SIZE,
      ).version,
    ).toBe(2);
  });

  const refused: [string, (head: Buffer) => void, RegExp][] = [
    ['version 4', (head) => head.writeUInt32BE(4, 4), /version 4/],
    ['a backing file', (head) => head.writeBigUInt64BE(512n, 8), /backing file/],
    ['the length of a backing file alone', (head) => head.writeUInt32BE(9, 16), /backing file/],
    ['encryption', (head) => head.writeUInt32BE(1, 32), /encrypted/],
    ['an external data file', (head) => head.writeBigUInt64BE(4n, 72), /another file/],
    ['a corrupt mark', (head) => head.writeBigUInt64BE(2n, 72), /corrupt/],
    ['an unknown feature', (head) => head.writeBigUInt64BE(1n << 40n, 72), /not known/],
    ['no size', (head) => head.writeBigUInt64BE(0n, 24), /no size/],
    ['a size beyond 64 TiB', (head) => head.writeBigUInt64BE(1n << 47n, 24), /64 TiB/],
    ['a cluster size of 4 GiB', (head) => head.writeUInt32BE(32, 20), /cluster/],
    ['one snapshot too many', (head) => head.writeUInt32BE(60_000, 60), /60000 snapshots/],
    ['bitmaps', (head) => head.writeBigUInt64BE(1n, 88), /bitmaps/],
    ['bitmaps by their table', (head) => head.writeUInt32BE(0x23852875, 112), /bitmaps/],
    ['the name of a data file', (head) => head.writeUInt32BE(0x44415441, 112), /another file/],
    ['an encryption header', (head) => head.writeUInt32BE(0x0537be77, 112), /encrypted/],
    ['a table beyond the end', (head) => head.writeBigUInt64BE(1n << 40n, 40), /cut off/],
  ];
  for (const [what, change, message] of refused)
    it(`refuses ${what}`, () => expect(() => parseQcow2(header(change), SIZE)).toThrow(message));

  it('knows the one backing file it may have, by its whole name', () => {
    const named = (name: string) =>
      header((head) => {
        head.writeBigUInt64BE(256n, 8);
        head.writeUInt32BE(name.length, 16);
        head.write(name, 256);
      });
    expect(parseQcow2(named('/store/base.raw'), SIZE, '/store/base.raw').version).toBe(3);
    for (const other of ['/etc/shadow', 'json:{"driver":"file"}', '/store/base.ra', 'nbd://elsewhere/x'])
      expect(() => parseQcow2(named(other), SIZE, '/store/base.raw')).toThrow(/backing file/);
    expect(() => parseQcow2(named('/store/base.raw'), SIZE)).toThrow(/backing file/);
    // Whole copies are for those who know what the disk names: it could be any file of theirs.
    expect(hintOf(() => parseQcow2(named('/etc/shadow'), SIZE))).toMatch(/\(\/etc\/shadow\).*stranger, do not/);
  });

  it('refuses a header that is cut off', () =>
    expect(() => parseQcow2(header().subarray(0, 80), 80)).toThrow(/cut off/));
});
