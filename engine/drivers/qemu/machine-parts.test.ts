/** The small pure parts: boot sector, disk size, the agent's report, QEMU's own words, the log's last lines. */
import { expect, test } from 'vitest';
import { bootSector } from './accel.ts';
import { parseReport } from './agent.ts';
import { diskArgv, diskBytes } from './disks.ts';
import { lastLines } from './serial-log.ts';
import { explainQemu } from './start.ts';

const GIB = 1024 ** 3;
const BASE = { path: '/images/base.raw', format: 'raw' as const, virtualBytes: 2 * GIB };

test('the boot sector has its signature', () => {
  expect(bootSector()).toHaveLength(512);
  expect(bootSector().readUInt16LE(510)).toBe(0xaa55);
});

test('a disk is as large as asked, never smaller than its image', () => {
  expect(diskBytes({ base: BASE, diskGib: null, guestName: 'a' })).toBe(2 * GIB);
  expect(diskBytes({ base: BASE, diskGib: 8, guestName: 'a' })).toBe(8 * GIB);
  expect(diskBytes({ base: null, diskGib: null, guestName: 'a' })).toBe(20 * GIB);
  expect(() => diskBytes({ base: BASE, diskGib: 1, guestName: 'a' })).toThrow(
    expect.objectContaining({ code: 'invalid' }),
  );
  expect(diskArgv({ path: '/g/disk.qcow2', base: BASE }, GIB)).toEqual(
    'qemu-img create -q -f qcow2 -b /images/base.raw -F raw /g/disk.qcow2 1073741824'.split(' '),
  );
});

test('the report of an untrusted guest', () => {
  expect(parseReport('hello\nproblem the disk\u001b[2J\nexit 42\n')).toEqual({
    hello: true,
    exitCode: 42,
    problems: ['the disk [2J'],
  });
  expect(parseReport('exit 4x\nexit 99999\n\0\0\0')).toEqual({ hello: false, exitCode: null, problems: [] });
});

test('QEMU’s last line names the option', () => {
  const error = explainQemu(
    'qemu-system-x86_64: -netdev tap,id=net0: could not open /dev/net/tun: Permission denied',
    'web',
  );
  expect(error).toMatchObject({
    code: 'guest-failed',
    subject: '-netdev tap,id=net0',
    cause: 'could not open /dev/net/tun: Permission denied',
  });
  expect(explainQemu("qemu-system-x86_64: cannot set up guest memory 'ram': Cannot allocate memory", 'web').code).toBe(
    'resources',
  );
  expect(explainQemu('', 'web').cause).toContain('said nothing');
});

test('the last lines', () => {
  const text = Buffer.from('one\ntwo\nthree\n');
  expect(lastLines(text, 2).toString()).toBe('two\nthree\n');
  expect(lastLines(text, 9).toString()).toBe('one\ntwo\nthree\n');
  expect(lastLines(text, 0).toString()).toBe('');
  expect(lastLines(Buffer.from('\n\na'), 1).toString()).toBe('a');
});
