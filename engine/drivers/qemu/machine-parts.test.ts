/** The small pure parts: boot sector, disk size, the agent's report, QEMU's own words, the log's last lines. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { confinementArgv, ownUid } from '../../host/least-privilege.ts';
import { bootSector } from './accel.ts';
import { parseReport } from './agent.ts';
import { diskArgv, diskBytes } from './disks.ts';
import { explainQemu } from './failure.ts';
import { tailStart } from './serial-log.ts';

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
  // What is impossible is named, not only QEMU's last line given.
  expect(error.message).toContain('-netdev tap,id=net0');
  const model = "qemu-system-x86_64: unable to find CPU model 'NoSuch'";
  expect(explainQemu(model, 'web')).toMatchObject({ code: 'invalid', subject: 'machine.cpuModel' });
  const device = "qemu-system-x86_64: -device nosuch: 'nosuch' is not a valid device model name";
  expect(explainQemu(device, 'web').message).toContain('it does not take -device nosuch');
});

test('QEMU’s words about a file name the file', () => {
  const sets = new Map([[1, '/g/disk.qcow2']]);
  const option = `-blockdev {"driver":"qcow2","file":{"driver":"file","filename":"/dev/fdset/1"}}`;
  expect(explainQemu(`qemu-system-x86_64: ${option}: Image is not in qcow2 format`, 'web', sets)).toMatchObject({
    code: 'bad-data',
    subject: '/g/disk.qcow2',
    cause: 'Image is not in qcow2 format',
  });
  const lock = `qemu-system-x86_64: warning: x\nqemu-system-x86_64: ${option}: Failed to get "write" lock\nIs another process using the image [/dev/fdset/1]?\n`;
  expect(explainQemu(lock, 'web', sets)).toMatchObject({ code: 'conflict', subject: '/g/disk.qcow2' });
});

test('QEMU has no capability, and a user of its own where that is possible', () => {
  expect(ownUid('0123456789ab', '         0          0 4294967295\n')).toBe(
    1_879_048_192 + 0x3456789ab - 0x3 * 2 ** 32 - 0x4 * 2 ** 28,
  );
  expect(ownUid('0123456789ab', '0 100000 65536')).toBeNull();
  expect(confinementArgv('/bin/setpriv', { uid: 7, groups: [44] }).slice(4)).toEqual([
    '--reuid=7',
    '--regid=7',
    '--groups=44',
  ]);
});

test('the last lines', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'gh-log-')), 'serial.log');
  const last = async (text: string, lines: number) => {
    writeFileSync(path, text);
    return text.slice((await tailStart({ path, end: text.length }, lines)).start);
  };
  expect(await last('one\ntwo\nthree\n', 2)).toBe('two\nthree\n');
  expect(await last('one\ntwo\nthree\n', 9)).toBe('one\ntwo\nthree\n');
  expect(await last('one\ntwo\nthree\n', 0)).toBe('');
  expect(await last('\n\na', 1)).toBe('a');
  // Over the border of what is read at once.
  const long = `${'x'.repeat(300_000)}\n`;
  expect(await last(long.repeat(4), 2)).toBe(long.repeat(2));
  rmSync(dirname(path), { recursive: true });
});
