/** What the command says and does with machines: their disks, snapshots, copies, insides. One machine for most of it. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Guest } from '../../../engine/contract/guest.ts';
import { domainXml } from '../../fixtures/foreign-machines.ts';
import { makeHome, type TestHome, until } from '../../fixtures/home.ts';
import { debianMedium, tinyDisk } from '../../fixtures/tiny-media.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHZ0Zz0xMjM0 ann@desk';
const VM = ['--isolation', 'vm', '--network', 'none'];

let home: TestHome;
const ok = (...args: string[]) => home.ok(args);
const inspect = async (name: string): Promise<Guest> => JSON.parse(await ok('inspect', name));
const inside = (script: string) => ok('exec', 'box', '--', 'sh', '-c', script);
const refused = async (code: number, words: RegExp, ...args: string[]) => {
  const result = await home.gh(args);
  expect(result).toMatchObject({
    code,
    stdout: '',
    stderr: expect.stringMatching(/^(?:Reading .*\n)?error \[[a-z-]+\]: .*\n(.*\n)* {2}hint: /),
  });
  expect(result.stderr).toMatch(words);
};
/** Waits until the guest has a disk of this serial number with so many sectors; null: none. */
const sees = (serial: string, sectors: number | null) =>
  until(async () => {
    const found = await inside(`for d in /sys/block/vd*; do echo "$(cat $d/serial) $(cat $d/size)"; done`);
    const size = new RegExp(`^${serial} (\\d+)$`, 'm').exec(found)?.[1];
    return sectors === null ? size === undefined : size === String(sectors);
  }, 60_000);

beforeAll(async () => {
  home = makeHome();
  await home.serve();
  await ok('image', 'build', 'busybox');
  await ok('create', 'box', '--image', 'busybox', ...VM, '--memory', '128', '--disk', '1', '--', 'sleep', '100000');
  await ok('start', 'box');
  await ok('image', 'import', tinyDisk(home.path), '--name', 'tiny');
  await ok('create', 'own', '--image', 'tiny', ...VM, '--memory', '64');
});
afterAll(() => home.end());

describe('disk', () => {
  const row = async (name: string) =>
    (await ok('disk', 'ls', 'box')).split('\n').find((line) => line.startsWith(`${name} `)) ?? '';
  const data = async () => (await inspect('box')).spec.disks.find(({ name }) => name === 'data');

  test('ls, add, resize, set, detach and attach while it runs', async () => {
    expect(await ok('disk', 'ls', 'box')).toMatch(
      /^NAME +SIZE +ON HOST +FORMAT +FROM +STATE\nroot +1\.0 GiB .* busybox +attached\n$/,
    );
    expect(await ok('disk', 'add', '--size', '32m', 'box', 'data')).toBe('box\n');
    await sees('data', 65_536);
    await ok('disk', 'resize', 'box', 'data', '64m');
    await sees('data', 131_072);
    expect(await row('data')).toMatch(/^data +64(\.0)? MiB .* attached$/);
    await ok('disk', 'set', '--device-write-iops', '500', 'box', 'data');
    expect((await data())?.io).toMatchObject({ writeOpsPerSecond: 500 });
    await ok('disk', 'detach', 'box', 'data');
    await sees('data', null);
    expect(await row('data')).toMatch(/ detached$/);
    await ok('disk', 'attach', 'box', 'data');
    await sees('data', 131_072);
    const listed = JSON.parse(await ok('disk', 'ls', '--json', 'box'));
    expect(listed).toMatchObject([{ name: 'root' }, { name: 'data', sizeBytes: 64 * 1024 ** 2, attached: true }]);
  });

  test('what cannot be is refused with what to do', async () => {
    await refused(2, /only become larger/, 'disk', 'resize', 'box', 'data', '16m');
    await refused(1, /made anew|--recreate|stop/i, 'disk', 'set', '--cache', 'none', 'box', 'data');
    await refused(2, /no mode "quick"[\s\S]*There are: writeback/, 'disk', 'set', '--cache', 'quick', 'box', 'data');
    await refused(1, /while it runs|running/, 'disk', 'compact', 'box', 'data');
    await refused(2, /no further disk named "other"[\s\S]*There are: data/, 'disk', 'attach', 'box', 'other');
    await refused(2, /no terminal/, 'disk', 'rm', 'box', 'data');
  });

  test('insert and eject a medium', async () => {
    const iso = debianMedium(home.path);
    await ok('disk', 'insert', 'own', iso);
    expect(await ok('disk', 'ls', 'own')).toMatch(/^cd .*debian\.iso/m);
    await ok('disk', 'eject', 'own');
    expect(await ok('disk', 'ls', 'own')).not.toContain('debian.iso');
    await refused(1, /nowhere\.iso/, 'disk', 'insert', 'own', '/nowhere.iso');
  });
});

test('introspect, top, devices, cp: what is in it is seen, and taken out and in', async () => {
  expect(await ok('introspect', '--registers', 'box')).toMatch(/^CPU 0\n[\s\S]*RIP=[0-9a-f]{16}/);
  expect(await ok('introspect', '--memory', 'box')).toMatch(/pc\.ram/);
  expect(await ok('introspect', 'box')).toMatch(/\nDRIVE +SIZE[\s\S]*\nroot +1\.0 GiB +qcow2 +writable\ndata +64/);
  expect(await ok('top', 'box')).toMatch(/^PID +PARENT[\s\S]*\/bin\/sleep 100000$/m);
  expect(await ok('devices')).toMatch(/^BUS +ADDRESS +IDS/);
  expect(JSON.parse(await ok('devices', '--json'))).toBeInstanceOf(Array);

  const [sent, back] = [join(home.path, 'sent'), join(home.path, 'back')];
  writeFileSync(sent, 'over there\n');
  await ok('cp', sent, 'box:/root/there');
  expect(await inside('cat /root/there')).toBe('over there\n');
  await ok('cp', 'box:/root/there', back);
  expect(readFileSync(back, 'utf8')).toBe('over there\n');
  await refused(1, /\/root\/nothing/, 'cp', 'box:/root/nothing', back);
});

test('suspend: it goes on where it was', async () => {
  await inside('echo kept >/dev/shm/f');
  expect(await ok('suspend', 'box')).toBe('box\n');
  expect(await inspect('box')).toMatchObject({ state: 'stopped', suspendedAt: expect.any(Number) });
  await ok('start', 'box');
  expect(await inside('cat /dev/shm/f')).toBe('kept\n');
});

describe('snapshot', () => {
  const names = async () =>
    (await ok('snapshot', 'ls', 'box')).split('\n').map((line) => line.split(/ {2,}(?=\w{6,})/)[0]);

  test('take and ls: a tree, with what each holds', async () => {
    expect(await ok('snapshot', 'ls', 'box')).toMatch(/^SNAPSHOT +ID +TAKEN +STATE +SIZE +ABOUT\n$/);
    await inside('echo one | tee /dev/shm/f >/root/f; sync');
    expect(await ok('snapshot', 'take', '-m', 'as it was', 'box', 'one')).toBe('one\n');
    expect(await ok('snapshot', 'take', '--memory', 'box', 'two')).toBe('two\n');
    const said = await ok('snapshot', 'ls', 'box');
    expect(said).toMatch(/^one +\w+ +20\d\d-\d\d-\d\d \d\d:\d\d +running +[\d.]+ \w+ +as it was$/m);
    expect(said).toMatch(/^ {2}two \* +\w+ .* running, memory +[\d.]+ MiB/m);
    expect(said).toMatch(/\nWritten since \*: [\d.]+ \w+\.\n$/);
    expect(JSON.parse(await ok('snapshot', 'ls', '--json', 'box'))).toMatchObject({
      snapshots: [{ name: 'one' }, { name: 'two', memory: true, picture: true }],
    });
  });

  test('restore, branch, rename, rm', async () => {
    await refused(2, /no terminal/, 'snapshot', 'restore', 'box', 'two');
    await inside('echo later | tee /dev/shm/f >/root/f; sync');
    expect(await ok('snapshot', 'restore', '-f', 'box', 'two')).toBe('box\n');
    expect(await inside('cat /dev/shm/f /root/f')).toBe('one\none\n');
    expect(await ok('snapshot', 'branch', 'box', 'one', 'twig')).toBe('twig\n');
    expect(await inspect('twig')).toMatchObject({ state: 'stopped', isolation: 'vm' });
    expect(await ok('snapshot', 'rename', 'box', 'one', 'uno')).toBe('uno\n');
    await refused(1, /one/, 'snapshot', 'rm', '-f', 'box', 'one');
    expect(await ok('snapshot', 'rm', '-f', 'box', 'uno')).toMatch(/^uno: [\d.]+ \w+ before, [\d.]+ \w+ now\.\n$/);
    expect((await names()).slice(1)).toEqual(['two *', '', expect.stringMatching(/^Written since/), '']);
    await ok('rm', '-f', '--now', 'twig');
  });

  test('schedule: said in the words it was asked for', async () => {
    const schedule = (...more: string[]) => ok('snapshot', 'schedule', ...more, 'box');
    expect(await schedule()).toBe('No snapshots are taken by themselves.\n');
    expect(await schedule('--every', '1d', '--keep', '3')).toBe('One every 1 d; the last 3 are kept.\n');
    expect(await schedule('--every', '2h', '--memory')).toBe('One every 2 h, with memory; the last 7 are kept.\n');
    expect(await schedule()).toBe('One every 2 h, with memory; the last 7 are kept.\n');
    await refused(2, /a minute at least/, 'snapshot', 'schedule', '--every', '5s', 'box');
    expect(await schedule('--off')).toBe('No snapshots are taken by themselves.\n');
  });
});

describe('of one that does not run', () => {
  beforeAll(() => ok('stop', '-t', '0', 'box'));

  test('disk set, compact, check, rm', async () => {
    await ok('disk', 'set', '--cache', 'writethrough', 'box', 'data');
    expect((await inspect('box')).spec.disks[0]?.cache).toBe('writethrough');
    expect(await ok('disk', 'compact', 'box')).toMatch(/^[\d.]+ \w+ before, [\d.]+ \w+ now\.\n$/);
    expect(await ok('disk', 'check', 'box', 'data')).toBe('The disk is whole.\n');
    expect(JSON.parse(await ok('disk', 'check', '--json', 'box'))).toMatchObject({ state: 'whole' });
    await ok('disk', 'rm', '-f', 'box', 'data');
    expect((await inspect('box')).spec.disks).toEqual([]);
  });

  test('rescue: its disks are opened once, and all is done in there', async () => {
    expect(await ok('rescue', 'open', '--write', 'box')).toMatch(
      /^DEVICE +DISK +SIZE[\s\S]*^\w+ \/ +root +1\.0 GiB +ext4/m,
    );
    expect(await ok('rescue', 'ls', 'box')).toMatch(/ext4/);
    expect(await ok('rescue', 'ls', 'box', '/root')).toMatch(/^-rw-r--r-- 0:0 +11 20\d\d-.* there$/m);
    expect(await ok('rescue', 'cat', 'box', '/root/there')).toBe('over there\n');
    const file = join(home.path, 'in');
    writeFileSync(file, 'put back\n');
    await ok('rescue', 'cp', file, 'box:/root/in');
    await ok('rescue', 'cp', 'box:/root/in', join(home.path, 'out'));
    expect(readFileSync(join(home.path, 'out'), 'utf8')).toBe('put back\n');
    expect(await ok('rescue', 'users', 'box')).toMatch(/^NAME +ID +HOME +PASSWORD\nroot +0 +\/root +/);
    writeFileSync(file, 'new words\n');
    await ok('rescue', 'passwd', '--password-file', file, 'box', 'root');
    expect(await ok('rescue', 'users', 'box')).toMatch(/^root .* set$/m);
    writeFileSync(file, `${KEY}\n`);
    await ok('rescue', 'add-key', 'box', 'root', file);
    expect(await ok('rescue', 'cat', 'box', '/root/.ssh/authorized_keys')).toBe(`${KEY}\n`);
    expect(await ok('rescue', 'logs', 'box')).toMatch(/^LOG +SIZE +CHANGED\n/);
    await refused(2, /nothing\.log[\s\S]*begin with a slash/, 'rescue', 'logs', 'box', 'nothing.log');
    await refused(1, /nobody/, 'rescue', 'passwd', '--password-file', file, 'box', 'nobody-at-all');
    // All of it is there before the shell is, and nobody is there to leave it.
    const said = await home.gh(['rescue', 'box'], {
      input: 'echo in-$((6 * 7))\necho and-$((6 * 8))',
      deadlineMs: 120_000,
    });
    expect(said).toMatchObject({ code: 0, stdout: expect.stringMatching(/\nin-42\r\n[\s\S]*\nand-48\r\n/) });
    await refused(1, /box/, 'start', 'box');
    await ok('rescue', 'close', 'box');
    expect((await inspect('box')).rescue).toBeUndefined();
  });

  test('clone: a machine of its own with the same data', async () => {
    expect(await ok('clone', 'box', 'copy')).toBe('copy\n');
    expect(await inspect('copy')).toMatchObject({ state: 'stopped', spec: { memoryMib: 128, disks: [] } });
    await ok('rm', '-f', '--now', 'copy');
  });
});

describe('import and export', () => {
  const starts = async (name: string) => {
    expect(await inspect(name)).toMatchObject({ name, isolation: 'vm', state: 'stopped' });
    await ok('start', name);
    expect((await inspect(name)).state).toBe('running');
    await ok('rm', '-f', '--now', name);
  };

  test.each(['ova', 'qcow2'])('out as %s, and in again as a machine that starts', async (format) => {
    const file = join(home.path, `own.${format}`);
    await ok('export', '--format', format, '-o', file, 'own');
    // Looked at first, which makes nothing.
    const facts = await ok('import', '--dry-run', '--name', 'look', file);
    expect(facts).toMatch(
      format === 'ova' ? /^file: a machine of another program$/m : /^file: a disk without a description$/m,
    );
    expect(facts).toMatch(/^name: look\n[\s\S]*^disk: .* MiB, .* in the file$/m);
    expect(JSON.parse(await ok('import', '--dry-run', '--json', file))).toMatchObject({
      isolation: 'vm',
      problem: null,
    });
    expect(await ok('ls', '-aq')).not.toContain('look');
    await refused(1, /there is one|taken|own/, 'import', '--dry-run', '--name', 'own', `${file}x`);
    await ok('import', '--name', `from-${format}`, file);
    await starts(`from-${format}`);
  });

  test('in from what libvirt wrote of a machine', async () => {
    const folder = join(home.path, 'libvirt');
    mkdirSync(folder);
    const disk = join(folder, 'disk.qcow2');
    execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', tinyDisk(folder), disk]);
    const file = join(folder, 'domain.xml');
    writeFileSync(file, domainXml('domain', disk));
    await ok('import', file);
    await starts('domain');
    writeFileSync(file, '<domain><name>x</name></domain>');
    await refused(1, /no machine of QEMU/, 'import', file);
  });
});
