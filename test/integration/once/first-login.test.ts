/** First login: the seed as other programs read it and as a guest sees it, and no password anywhere. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seedFiles } from '../../../engine/drivers/qemu/seed/cloud-config.ts';
import { seedIso } from '../../../engine/drivers/qemu/seed/seed.ts';
import { sha512Crypt } from '../../../engine/guests/sha512-crypt.ts';
import { findProgram } from '../../../engine/host/tools.ts';
import { makeHome, type TestHome } from '../../fixtures/home.ts';
import { type Machines, makeMachines } from '../../fixtures/machines.ts';

const FIRST_LOGIN = { user: 'ada', passwordHash: '$6$s$h', sshKeys: [], growDisk: true, userData: null };
const NAMES = ['meta-data', 'network-config', 'user-data', 'vendor-data'];

let home: TestHome;
let machines: Machines | null = null;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gh-seed-'));
  home = makeHome();
});
afterAll(async () => {
  await machines?.end();
  await home?.end();
  rmSync(folder, { recursive: true, force: true });
});

it('the seed is a medium that others read', async (context) => {
  const files = seedFiles({
    id: '0123456789ab',
    mac: '52:54:00:00:00:01',
    spec: { name: 'web', hostname: null },
    firstLogin: { ...FIRST_LOGIN, userData: '#cloud-config\n#'.padEnd(5000, 'x') },
    network: { address6: null },
  });
  const path = join(folder, 'seed.iso');
  writeFileSync(path, seedIso(files));
  const readers: readonly [program: string, read: () => void][] = [
    ['blkid', () => expect(execFileSync('blkid', ['-p', '-o', 'export', path]).toString()).toMatch(/^LABEL=CIDATA$/m)],
    [
      'isoinfo',
      () => {
        for (const tree of ['-R', '-J'])
          expect(namesIn(execFileSync('isoinfo', ['-f', tree, '-i', path]).toString())).toEqual(NAMES);
        const read = execFileSync('isoinfo', ['-R', '-x', '/user-data', '-i', path]);
        expect(read.toString()).toBe(files['user-data']);
      },
    ],
    ['bsdtar', () => expect(namesIn(execFileSync('bsdtar', ['tf', path]).toString())).toEqual(NAMES)],
    [
      'xorriso',
      () => {
        const out = join(folder, 'read');
        execFileSync('xorriso', ['-osirrox', 'on', '-indev', path, '-extract', '/', out], { stdio: 'ignore' });
        chmodSync(out, 0o700);
        for (const name of NAMES) expect(readFileSync(join(out, name), 'utf8')).toBe(files[name]);
      },
    ],
  ];
  const present = readers.filter(([program]) => findProgram(program) !== null);
  if (present.length === 0) context.skip('none of blkid, isoinfo, bsdtar and xorriso is here');
  for (const [, read] of present) read();
});

it('a guest sees it as a disk that it cannot write', async () => {
  machines = await makeMachines();
  const script = 'grep -ac guesthouse- /dev/vdb; cat /sys/block/vdb/ro; echo x >/dev/vdb || echo refused; echo done';
  const guest = machines.record({ command: ['sh', '-c', script], firstLogin: FIRST_LOGIN });
  await machines.up(guest);
  const console = await machines.open(guest);
  expect(await console.until(/done/)).toMatch(/1\r\n1\r\n[\s\S]*refused/);
  await machines.exit(guest);
});

it('the command takes a password from a file, keeps its hash, and hands it in', async () => {
  const disk = join(folder, 'disk.raw');
  const bytes = Buffer.alloc(1024 ** 2);
  bytes.writeUInt16LE(0xaa55, 510);
  bytes[0] = 0xeb;
  writeFileSync(disk, bytes);
  writeFileSync(join(folder, 'password'), 'top secret\n');
  await home.ok(['image', 'import', disk, '--name', 'cloud']);
  const login = ['--login', 'ada', '--login-password-file', join(folder, 'password')];
  const isolation = ['--isolation', 'vm', '--memory', '64', '--network', 'none'];
  await home.ok(['create', 'web', '--image', 'cloud', ...isolation, ...login]);
  const spec = JSON.parse(await home.ok(['inspect', 'web'])).spec;
  const { passwordHash } = spec.firstLogin;
  expect(passwordHash).toBe(sha512Crypt('top secret', passwordHash.split('$')[2]));
  expect(filesWith(home.path, 'top secret')).toEqual([]);

  const bad = await home.gh(['create', 'box', '--image', 'cloud', ...isolation, '--login', 'ada']);
  expect(bad.code).not.toBe(0);
  expect(bad.stderr).toContain('Nobody could log in');

  // Another wish is another instance to the system inside.
  await home.ok(['update', 'web', '--ssh-key', `ssh-ed25519 ${KEY} ada`]);
  const changed = JSON.parse(await home.ok(['inspect', 'web'])).spec.firstLogin;
  expect(changed).toMatchObject({ user: 'ada', passwordHash, sshKeys: [`ssh-ed25519 ${KEY} ada`] });
  await home.ok(['update', 'web', '--no-login']);
  expect(JSON.parse(await home.ok(['inspect', 'web'])).spec.firstLogin).toBeNull();
});

const KEY = Buffer.from('\0\0\0\x0bssh-ed25519\0\0\0 01234567890123456789012345678901').toString('base64');

/** Names in the root of a listing, however they are written. */
function namesIn(listing: string): string[] {
  return listing
    .split('\n')
    .map((line) => line.replace(/^\.?\//, '').trim())
    .filter((name) => name !== '' && name !== '.')
    .sort();
}

function filesWith(at: string, text: string): string[] {
  return readdirSync(at, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => existsSync(path) && readFileSync(path).includes(text));
}
