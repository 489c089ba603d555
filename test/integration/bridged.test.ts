/**
 * A network on a bridge of the host: the engine as root in a network namespace that stands for the host, with a bridge,
 * and behind that another machine which gives away addresses. An ordinary user is told why not.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Guest } from '../../engine/contract/guest.ts';
import { run } from '../../engine/host/process.ts';
import { CLI, makeHome, type TestHome, until } from '../fixtures/home.ts';

const RANGE = '192.168.77.200-192.168.77.219';
let home: TestHome;
beforeAll(() => {
  home = makeHome();
});
afterAll(() => home.end());

describe.runIf(process.getuid?.() !== 0)('an ordinary user (root has the tests below)', () => {
  it('is told that only root may', async () => {
    const { code, stderr } = await home.gh(['network', 'create', 'lan', '--bridge', 'br0', '--ip-range', RANGE]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error \[unsupported\]: Only root may put guests onto a bridge of the host\.\n {2}hint: /);
    expect(await home.ok(['network', 'ls'])).not.toContain('lan');
  });
});

describe.runIf(process.getuid?.() === 0)('a network on a bridge of the host (root alone may)', () => {
  const sleepers: ChildProcess[] = [];
  let host: readonly string[];
  let neighbour: readonly string[];

  /** A network namespace for as long as the test goes on. */
  async function namespace(): Promise<readonly string[]> {
    const child = spawn('unshare', ['-n', 'sleep', 'infinity'], { stdio: 'ignore' });
    sleepers.push(child);
    await until(() => readFileSync(`/proc/${child.pid}/comm`, 'utf8').trim() === 'sleep');
    return ['nsenter', '-t', String(child.pid), '-n', '--'];
  }
  const ip = (where: readonly string[], batch: string) => run([...where, 'ip', '-batch', '-'], { input: batch });
  /** The command as somebody on that host gives it. */
  const gh = (...args: string[]) =>
    run([...host, process.execPath, CLI, ...args], { env: home.env, timeoutMs: 120_000 }).then(({ stdout }) => stdout);
  /** What it says against something. */
  const refused = async (...args: string[]) => {
    const words = ['sh', '-c', '"$@" 2>&1 || true', 'sh', process.execPath, CLI, ...args];
    return (await run([...host, ...words], { env: home.env, timeoutMs: 120_000 })).stdout;
  };
  const lan = (...more: string[]) => ['network', 'create', 'lan', '--bridge', ...more];
  const inspect = async (name: string): Promise<Guest> => JSON.parse(await gh('inspect', name));
  const create = (name: string, network: string, ...command: string[]) =>
    gh('create', name, '--image', 'busybox', '--isolation', 'container', '--network', network, '--', ...command);
  /** Node's, for a static busybox's wget does not resolve even numbers. */
  const GET = 'fetch(process.argv[1]).then((answer) => answer.text()).then((text) => process.stdout.write(text))';
  const neighbourGets = (address: string | null) =>
    run([...neighbour, process.execPath, '-e', GET, `http://${address}/hostname`]).then(({ stdout }) => stdout.trim());
  const isWeb = (name: string) => name === 'web';
  const onBridge = async () => (await run([...host, 'ip', '-br', 'link', 'show', 'master', 'br0'])).stdout;
  const makeBridge = async () => {
    await ip(host, 'link add br0 type bridge\naddr add 192.168.77.1/24 dev br0\nlink set br0 up\n');
    await ip(host, 'link set outward master br0 up\n');
  };

  beforeAll(async () => {
    host = await namespace();
    neighbour = await namespace();
    const target = `/proc/${sleepers[1]?.pid}/ns/net`;
    await ip(host, `link set lo up\nlink add outward type veth peer name eth0 netns ${target}\n`);
    await ip(neighbour, 'link set lo up\naddr add 192.168.77.9/24 dev eth0\nlink set eth0 up\n');
    await makeBridge();
    await home.ok(['image', 'build', 'busybox']);
    // In there nothing can be fetched: a machine's kernel is there before.
    await home.ok(['create', 'first', '--image', 'busybox', '--isolation', 'vm', '--network', 'none']);
    await home.ok(['rm', '-f', '--now', 'first']);
  });
  afterAll(() => {
    for (const child of sleepers) child.kill('SIGKILL');
  });

  it('is refused with a reason wherever it cannot be', async () => {
    expect(await refused(...lan('nope', '--ip-range', RANGE))).toMatch(/no bridge named "nope".*\n.*It has br0/);
    expect(await refused(...lan('outward', '--ip-range', RANGE))).toContain(
      'outward is a device of the host, but not a',
    );
    expect(await refused(...lan('br0'))).toContain('needs the addresses its guests may have');
    expect(await refused('network', 'create', 'x', '--gateway', '10.0.0.1')).toContain('Add --bridge NAME');
    expect(await gh('network', 'ls', '-q').then((text) => text.trim().split('\n'))).toHaveLength(1);
  });

  it('has its guests on that network: reached from there by an address of theirs, by name among themselves', async () => {
    await gh(...lan('br0', '--ip-range', RANGE, '--gateway', '192.168.77.9'));
    expect(await gh('network', 'ls')).toMatch(/ lan +bridged \(br0\) +192\.168\.77\.0\/24 +- /);
    await create('web', 'lan', 'httpd', '-f', '-p', '80', '-h', '/etc');
    await create('client', 'lan', 'sleep', '600');
    await gh('start', 'web', 'client');
    const { address } = await inspect('web');
    expect(address).toMatch(/^192\.168\.77\.2[01]\d$/);
    await until(() => neighbourGets(address).then(isWeb, () => false), 60_000);
    expect(await gh('exec', 'client', '--', 'wget', '-qO-', 'http://web/hostname')).toBe('web\n');
    expect(await gh('exec', 'client', '--', 'ip', 'route')).toContain('default via 192.168.77.9 dev eth0');
    expect(await onBridge()).toMatch(/^gh[0-9a-f]{12}@/m);
  });

  it('has a machine there as well, reached from there and by name', async () => {
    const serve = ['sh', '-c', 'echo machine >/hostname; exec httpd -f -p 80 -h /'];
    const vm = ['--isolation', 'vm', '--memory', '128', '--network', 'lan'];
    await gh('create', 'vm', '--image', 'busybox', ...vm, '--start', '--', ...serve);
    const { address } = await inspect('vm');
    expect(address).toMatch(/^192\.168\.77\.2[01]\d$/);
    const isMachine = (name: string) => name === 'machine';
    await until(() => neighbourGets(address).then(isMachine, () => false), 60_000);
    expect(await gh('exec', 'client', '--', 'wget', '-qO-', 'http://vm/hostname')).toBe('machine\n');
    expect(await gh('exec', 'vm', '--', 'wget', '-qO-', 'http://web/hostname')).toBe('web\n');
    await gh('rm', '-f', '--now', 'vm');
  });

  it('keeps the house to itself: no address given away on either side, no name server for that network', async () => {
    const leases = join(home.path, 'leases');
    const words = [
      '--conf-file=/dev/null',
      '--user=root',
      '--group=',
      '--keep-in-foreground',
      '--port=0',
      '--log-facility=-',
    ];
    const pool = ['--interface=eth0', '--bind-interfaces', '--dhcp-range=192.168.77.100,192.168.77.150,1h'];
    const argv = [...neighbour, 'dnsmasq', ...words, ...pool, `--dhcp-leasefile=${leases}`];
    const server = spawn(argv[0] as string, argv.slice(1), { stdio: 'ignore' });
    sleepers.push(server);
    await until(() => existsSync(leases));
    // It would get one from there within a second: as it does in front of the bridge.
    const ask = ['busybox', 'udhcpc', '-i', 'br0', '-n', '-q', '-t', '3', '-T', '2', '-s', '/bin/true'];
    await run([...host, ...ask], { timeoutMs: 30_000 });
    await expect(
      gh('exec', 'client', '--', 'udhcpc', '-i', 'eth0', '-n', '-q', '-t', '2', '-T', '1', '-s', '/bin/true'),
    ).rejects.toThrow();
    expect(readFileSync(leases, 'utf8').trim().split('\n')).toHaveLength(1);
    await expect(run([...neighbour, 'busybox', 'ping', '-c', '1', '-W', '1', '192.168.77.200'])).rejects.toThrow();
    server.kill('SIGKILL');
  });

  it('is missed in words when the bridge is gone, harms no other network, and is plugged in again', async () => {
    await gh('stop', '-t', '0', 'web', 'client');
    await ip(host, 'link del br0\n');
    expect(await refused('start', 'web')).toContain('The host has no bridge named "br0"');
    await create('other', 'nat', 'sleep', '600');
    await gh('start', 'other');
    await makeBridge();
    await gh('start', 'web');
    const { address } = await inspect('web');
    await until(() => neighbourGets(address).then(isWeb, () => false), 60_000);
  });

  it('takes its cable off the host when it goes', async () => {
    await gh('rm', '-f', '--now', 'web', 'client');
    await gh('network', 'rm', 'lan');
    expect(await onBridge()).not.toMatch(/^gh/m);
  });
});
