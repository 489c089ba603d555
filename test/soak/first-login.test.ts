/**
 * A cloud image's own cloud-init is told who may log in, and does it: user, password, key, host name, the grown disk.
 * Building the image and starting it under emulation take some six minutes, so this is no part of `npm test`'s faster
 * stages; test/integration/once/first-login.test.ts looks at the seed alone.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from '../../engine/host/process.ts';
import { cloudImageLack, makeCloudImage } from '../fixtures/cloud-image.ts';
import { makeHome, type TestHome, until } from '../fixtures/home.ts';

const MINUTE_MS = 60_000;
const PASSWORD = 'geheim 123';

let home: TestHome;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gh-cloud-'));
  home = makeHome();
});
afterAll(async () => {
  await home?.end();
  rmSync(folder, { recursive: true, force: true });
}, MINUTE_MS);

it('a real cloud-init makes user, password, key, name and a grown disk of it', async (context) => {
  const lack = cloudImageLack();
  if (lack !== null) context.skip(`no cloud image can be built here: ${lack} is missing`);
  await home.ok(['image', 'import', await makeCloudImage(folder), '--name', 'cloud']);
  const key = join(folder, 'key');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  writeFileSync(join(folder, 'password'), `${PASSWORD}\n`);
  const login = ['--login', 'ada', '--login-password-file', join(folder, 'password'), '--ssh-key', `${key}.pub`];
  const amounts = [
    '--isolation',
    'vm',
    '--memory',
    '512',
    '--disk',
    '4',
    '--hostname',
    'web.example.org',
    '-p',
    '0:22',
  ];
  await home.ok(['create', 'deb', '--image', 'cloud', ...amounts, ...login, '--start']);
  const guest = JSON.parse(await home.ok(['inspect', 'deb']));
  await until(async () => /web login:/.test(await home.ok(['logs', 'deb'])), 15 * MINUTE_MS);

  const ssh = (command: string) => {
    const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'BatchMode=yes', 'ConnectTimeout=60'];
    const port = String(guest.ports[0].hostPort);
    const argv = ['ssh', ...options.flatMap((one) => ['-o', one]), '-i', key, '-p', port, 'ada@127.0.0.1', command];
    return run(argv, { timeoutMs: 2 * MINUTE_MS });
  };
  await until(async () => (await ssh('true').catch(() => null)) !== null, 10 * MINUTE_MS);
  await until(async () => !/running/.test((await ssh('cloud-init status || true')).stdout), 10 * MINUTE_MS);
  expect((await ssh('hostname -f')).stdout).toBe('web.example.org\n');
  expect((await ssh('sudo -n grep ^ada: /etc/shadow')).stdout).toContain(`:${guest.spec.firstLogin.passwordHash}:`);
  expect(Number((await ssh('df --output=size -BM / | tail -1')).stdout.replace('M', ''))).toBeGreaterThan(3_500);
  expect((await ssh('ip -br addr show eth0')).stdout).toContain(guest.address);
  expect((await ssh('sudo -n head -c 5 /proc/1/cmdline; cat /sys/block/vdb/ro')).stdout).toContain('1');

  const console = home.spawn(['console', 'deb']);
  let seen = '';
  console.stdout.on('data', (chunk) => {
    seen += chunk;
  });
  const answer = async (pattern: RegExp, text: string) => {
    await until(() => pattern.test(seen), 3 * MINUTE_MS);
    seen = '';
    console.stdin.write(text);
  };
  await sleep(1_000);
  console.stdin.write('\r');
  await answer(/login: $/, 'ada\r');
  await answer(/Password: $/, `${PASSWORD}\r`);
  await answer(/\$ $/, 'echo "I am $(id -un)"\r');
  await until(() => /I am ada/.test(seen), MINUTE_MS);
  expect(readFileSync(join(home.path, 'guests', guest.id, 'guest.json'), 'utf8')).not.toContain(PASSWORD);
});
