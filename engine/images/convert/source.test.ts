/** Disks as qemu-img writes them, and those in parts that strangers made. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DiskFormat } from '../disk-header/index.ts';
import { convertArgv } from './convert.ts';
import { withDisk } from './open.ts';
import { isPlainName, requireParts } from './vmdk-parts.ts';

const MIB = 1024 ** 2;
const SIZE = 8 * MIB;
let folder: string;
const at = (name: string) => join(folder, name);
const sizeOf = (name: string, format: DiskFormat) =>
  withDisk(at(name), format, async ({ virtualBytes }) => virtualBytes);
const why = (name: string, format: DiskFormat) =>
  sizeOf(name, format).then(
    () => 'taken',
    (error) => `${error.code}: ${error.message}`,
  );

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gh-disks-'));
  const create = (format: string, name: string, ...options: string[]) =>
    execFileSync('qemu-img', ['create', '-q', '-f', format, ...options, at(name), String(SIZE)]);
  for (const kind of [
    'monolithicSparse',
    'monolithicFlat',
    'twoGbMaxExtentSparse',
    'twoGbMaxExtentFlat',
    'streamOptimized',
  ])
    create('vmdk', `${kind}.vmdk`, '-o', `subformat=${kind}`);
  create('vdi', 'a.vdi');
  create('vpc', 'a.vhd', '-o', 'force_size=on');
  create('vpc', 'fixed.vhd', '-o', 'subformat=fixed,force_size=on');
  create('vhdx', 'a.vhdx');
  create('vmdk', 'child.vmdk', '-b', at('monolithicSparse.vmdk'), '-F', 'vmdk');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A copy with some bytes changed. */
function changed(from: string, name: string, position: number, bytes: Uint8Array): string {
  writeFileSync(at(name), readFileSync(at(from)));
  const file = openSync(at(name), 'r+');
  writeSync(file, bytes, 0, bytes.length, position);
  closeSync(file);
  return name;
}
function number(bits: 32 | 64, value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes.subarray(0, bits / 8);
}

describe('a disk as qemu-img writes it', () => {
  test.each([
    ['monolithicSparse.vmdk', 'vmdk'],
    ['monolithicFlat.vmdk', 'vmdk'],
    ['twoGbMaxExtentSparse.vmdk', 'vmdk'],
    ['twoGbMaxExtentFlat.vmdk', 'vmdk'],
    ['streamOptimized.vmdk', 'vmdk'],
    ['a.vdi', 'vdi'],
    ['a.vhd', 'vpc'],
    ['fixed.vhd', 'vpc'],
    ['a.vhdx', 'vhdx'],
  ] as const)('%s is known and has its size', async (name, format) => {
    expect(await withDisk(at(name), null, async (disk) => disk.format)).toBe(format);
    expect(await sizeOf(name, format)).toBe(SIZE);
  });
});

describe('refused before qemu-img sees it', () => {
  test('a VMDK over another', async () => expect(await why('child.vmdk', 'vmdk')).toMatch(/bad-data: .*difference/));
  test('one part alone', async () =>
    expect(await why('twoGbMaxExtentSparse-s001.vmdk', 'vmdk')).toMatch(/kind|several files/));
  test('a VDI that is cut off', async () =>
    expect(await why(changed('a.vdi', 'x', 388, number(32, 8n)), 'vdi')).toContain('cut off'));
  test('a VHD that is cut off', async () => {
    writeFileSync(at('x'), readFileSync(at('a.vhd')).subarray(0, -512));
    expect(await why('x', 'vpc')).toContain('cut off');
  });
  test.each(['../other.vmdk', '/etc/passwd', 'nbd:unix:/tmp/x', 'sub\\a.vmdk', '', '..'])('a part named %j', (name) => {
    const text = `# Disk DescriptorFile\nparentCID=ffffffff\ncreateType="monolithicFlat"\nRW 100 FLAT "${name}" 0\n`;
    expect(() => requireParts(text)).toThrow('not in its own folder');
    expect(isPlainName(name)).toBe(false);
  });
  test.each([
    ['a parent said in passing', 'parentFileNameHint = "/etc/shadow"', 'difference'],
    ['another parent', 'parentCID=12345678', 'difference'],
    ['a size beyond all', 'RW 99999999999999999999 FLAT "a" 0', 'impossible'],
    ['an access that is none', 'RW x FLAT "a"', 'cannot be read'],
    ['a part of ESX', 'RW 10 VMFSSPARSE "a"', 'VMFSSPARSE'],
  ])('a description with %s', (_, line, message) => {
    const text = `# Disk DescriptorFile\ncreateType="monolithicFlat"\nRW 100 FLAT "a.vmdk" 0\n${line}\n`;
    expect(() => requireParts(text)).toThrow(message);
  });
  test('a part that is a link', async () => {
    const text = readFileSync(at('monolithicFlat.vmdk'), 'latin1').replace('monolithicFlat-flat', 'link');
    writeFileSync(at('linked.vmdk'), text);
    execFileSync('ln', ['-s', at('monolithicFlat-flat.vmdk'), at('link.vmdk')]);
    expect(await why('linked.vmdk', 'vmdk')).toContain('is a link');
    execFileSync('rm', [at('link.vmdk')]);
    expect(await why('linked.vmdk', 'vmdk')).toContain('is not there');
  });
});

test('QEMU is told every format, and no name but ours', async () => {
  const node = await withDisk(at('twoGbMaxExtentSparse.vmdk'), 'vmdk', ({ node }) =>
    node(
      () => '/proc/self/fd/4',
      async (text) => {
        expect(text).toContain('RW 16384 SPARSE "/proc/self/fd/4"');
        expect(text).not.toContain('s001');
        return {} as never;
      },
    ),
  );
  expect(convertArgv(node, 'qcow2', '/proc/self/fd/3')).toEqual([
    ...['qemu-img', 'convert', '-p', '-O', 'qcow2'],
    'json:{"driver":"vmdk","backing":null,"file":{"driver":"file","filename":"/proc/self/fd/4"}}',
    '/proc/self/fd/3',
  ]);
});
