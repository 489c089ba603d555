import { expect, test } from 'vitest';
import { DISK_DEFAULTS, type MachineDisk } from '../contract/disk.ts';
import type { GuestSpec } from '../contract/guest.ts';
import { problemsOfDiskChange, validateDisks } from './validate-disks.ts';
import { validateIo } from './validate-io.ts';

const disk = (fields: Partial<MachineDisk> = {}): MachineDisk => ({
  ...DISK_DEFAULTS,
  name: 'a',
  sizeGib: 1,
  ...fields,
});
const NO_IO = { readBytesPerSecond: null, writeBytesPerSecond: null, readOpsPerSecond: null, writeOpsPerSecond: null };

function problems(disks: MachineDisk[], isolation: GuestSpec['isolation'] = 'vm'): string[] {
  const found: string[] = [];
  const spec = { isolation, disks, io: NO_IO } as unknown as GuestSpec;
  validateDisks(spec, (field, { code }) => found.push(`${field} ${code}`));
  validateIo(spec, (field, { code }) => found.push(`${field} ${code}`));
  return found;
}

test.each<[MachineDisk[], string[]]>([
  [[disk(), disk({ name: 'b-2_x' })], []],
  [[disk({ from: 'debian-cloud', sizeGib: null })], []],
  [[disk({ from: '/dev/sdb', format: 'raw', sizeGib: null })], []],
  [[disk(), disk()], ['disks.1.name conflict']],
  [[disk({ name: 'root' })], ['disks.0.name invalid']],
  [[disk({ name: 'cd' })], ['disks.0.name invalid']],
  [[disk({ name: '../../etc' })], ['disks.0.name invalid']],
  [[disk({ name: 'a'.repeat(21) })], ['disks.0.name invalid']],
  [[disk({ name: 'a,bus=x' })], ['disks.0.name invalid']],
  [[disk({ sizeGib: null })], ['disks.0.sizeGib invalid']],
  [[disk({ sizeGib: 0 })], ['disks.0.sizeGib invalid']],
  [[disk({ sizeGib: 8e9 })], ['disks.0.sizeGib invalid']],
  [[disk({ sizeGib: Number.NaN })], ['disks.0.sizeGib invalid']],
  [[disk({ from: 'x', format: 'raw' })], ['disks.0.format invalid']],
  [[disk({ from: '/dev/sdb', sizeGib: null })], ['disks.0.format invalid']],
  [[disk({ from: '/dev/sdb', format: 'raw' })], ['disks.0.sizeGib invalid']],
  [[disk({ from: '/etc/shadow', format: 'raw', sizeGib: null })], ['disks.0.from invalid']],
  [[disk({ io: { ...NO_IO, readOpsPerSecond: 0 } })], ['disks.0.io.readOpsPerSecond invalid']],
  [Array.from({ length: 17 }, (_, at) => disk({ name: `d${at}` })), ['disks invalid']],
])('a machine with %j', (disks, expected) => {
  expect(problems(disks)).toEqual(expected);
});

test('a container has none', () => expect(problems([disk()], 'container')).toEqual(['disks invalid']));

test('a disk that is there grows, and stays what it is', () => {
  const fields = (after: MachineDisk) => problemsOfDiskChange([disk()], [after]).map(({ field }) => field);
  expect(fields(disk({ sizeGib: 2, attached: false, cache: 'none' }))).toEqual([]);
  expect(fields(disk({ name: 'b' }))).toEqual([]);
  expect(fields(disk({ sizeGib: 0.5 }))).toEqual(['disks.0.sizeGib']);
  expect(fields(disk({ sizeGib: null }))).toEqual(['disks.0.sizeGib']);
  expect(fields(disk({ from: 'x' }))).toEqual(['disks.0.from']);
  expect(fields(disk({ format: 'raw' }))).toEqual(['disks.0.from']);
});
