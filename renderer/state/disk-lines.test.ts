import { expect, test } from 'vitest';
import { DISK_DEFAULTS, type MachineDisk } from '../../engine/contract/index.ts';
import { diskOf, diskWords, formDiskOf, givenAway, hostDisk, newLine } from './disk-lines.ts';

const disk = (fields: Partial<MachineDisk>): MachineDisk => ({ ...DISK_DEFAULTS, name: 'data', ...fields });

test('what was filled in comes out as it went in, and what a person writes is completed', () => {
  const full = disk({ sizeGib: 3, format: 'raw', cache: 'none', discard: false, attached: false, readOnly: true });
  expect(diskOf(formDiskOf(full))).toEqual(full);
  expect(diskOf(newLine(0))).toEqual(disk({ sizeGib: 10 }));
  expect(diskOf({ ...newLine(1), from: ' /dev/sdb ' })).toEqual(
    disk({ name: 'data2', from: '/dev/sdb', format: 'raw' }),
  );
  expect(diskOf({ ...newLine(0), from: 'cloud', sizeGib: null })).toEqual(disk({ from: 'cloud' }));
});

test.each<[Parameters<typeof diskWords>[0], string[]]>([
  [{}, []],
  [{ diskGib: 20 }, ['--disk 20']],
  [{ diskGib: 0, disks: [hostDisk('/dev/sdb')] }, ['--disk /dev/sdb']],
  [{ diskGib: 0, disks: [{ ...hostDisk('/dev/sdb'), readOnly: true }] }, ['--disk 0', '--disk host=/dev/sdb,ro']],
  [
    { diskGib: 20, disks: [disk({ sizeGib: 10, cache: 'none' }), disk({ name: 'b', from: 'cloud:1', sizeGib: 30 })] },
    ['--disk 20', '--disk data=10,cache=none', '--disk b=cloud:1,size=30'],
  ],
])('%j on the command line', (spec, words) => {
  expect(diskWords(spec)).toEqual(words);
});

test('what the guest writes to itself', () => {
  expect(givenAway([hostDisk('/dev/sdb'), { ...hostDisk('/dev/sdc'), readOnly: true }, disk({ sizeGib: 1 })])).toEqual([
    '/dev/sdb',
  ]);
});
