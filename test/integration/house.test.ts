/**
 * The house with the real kernel, slirp4netns, dnsmasq and nft. Runs as root and as an ordinary user alike; what needs
 * root (a pretended outside world) is skipped otherwise.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PortRule } from '../../engine/contract/guest.ts';
import { createLog } from '../../engine/host/log.ts';
import { type Paths, resolvePaths } from '../../engine/host/paths.ts';
import { freePort } from '../../engine/host/ports.ts';
import { run } from '../../engine/host/process.ts';
import { processRef } from '../../engine/host/process-ref.ts';
import { createHouse } from '../../engine/networks/create.ts';
import type { House, HouseMember } from '../../engine/networks/house.ts';
import { childNamed, namespaceOf, processesIn } from '../../engine/networks/processes.ts';

const asRoot = process.getuid?.() === 0;

/** Listens on argv[1]:argv[2], greets with argv[3]; then says `ready`. */
const SERVE = `require('node:net').createServer((s) => s.end(process.argv[3]))
  .listen(+process.argv[2], process.argv[1], () => console.log('ready'))`;

/** Connects to argv[1] (a name is asked of 10.99.0.1) port argv[2]; prints what came, or the error's code. */
const FETCH = `const resolver = new (require('node:dns').promises.Resolver)({ timeout: 1000, tries: 2 });
resolver.setServers(['10.99.0.1']);
const numeric = require('node:net').isIP(process.argv[1]) !== 0;
(numeric ? Promise.resolve([process.argv[1]]) : resolver.resolve4(process.argv[1])).then(([host]) => {
  const socket = require('node:net').connect({ host, port: +process.argv[2] });
  socket.setTimeout(2000, () => { console.log('TIMEOUT'); socket.destroy(); });
  socket.on('data', (data) => process.stdout.write(data)).on('error', (error) => console.log(error.code));
}, (error) => console.log(error.code));`;

/** Asks for an IPv6 address as the machine with the hardware address argv[1] (RFC 8415: SOLICIT); prints what is offered. */
const SOLICIT = `const mac = Buffer.from(process.argv[1].replaceAll(':', ''), 'hex');
const option = (code, data) => Buffer.concat([Buffer.from([0, code, data.length >> 8, data.length & 255]), data]);
const solicit = Buffer.concat([Buffer.from([1, 1, 2, 3]), option(1, Buffer.concat([Buffer.from([0, 3, 0, 1]), mac])),
  option(3, Buffer.concat([Buffer.from([0, 0, 0, 1]), Buffer.alloc(8)])), option(8, Buffer.alloc(2))]);
const socket = require('node:dgram').createSocket('udp6');
const ask = () => socket.send(solicit, 547, 'ff02::1:2%eth0');
socket.on('message', (data) => { console.log(data.toString('hex')); process.exit(); });
socket.bind(546, '::', () => { ask(); setInterval(ask, 500); setTimeout(() => process.exit(), 8000); });`;

let nextGuest = 0;
function member(name: string, ports: readonly PortRule[] = []): HouseMember {
  nextGuest += 1;
  const last = nextGuest.toString(16).padStart(2, '0');
  return {
    guestId: randomBytes(6).toString('hex'),
    name,
    address: `10.99.3.${nextGuest}`,
    mac: `52:54:00:00:03:${last}`,
    ports,
  };
}

const tcp = (hostPort: number, guestPort: number, hostIp = '127.0.0.1'): PortRule => ({
  hostIp,
  hostPort,
  guestPort,
  protocol: 'tcp',
});

describe('the house', () => {
  let home: string;
  let paths: Paths;
  let house: House;
  const children: ChildProcess[] = [];
  const servers: Server[] = [];

  beforeAll(async () => {
    home = mkdtempSync(join(realpathSync(tmpdir()), 'gh-house-test-'));
    paths = resolvePaths({ ...process.env, GUESTHOUSE_HOME: home });
    house = createHouse({ paths, log: createLog(paths.log) });
    await house.ensure();
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    for (const server of servers.splice(0)) server.close();
  });
  afterAll(async () => {
    await house.demolish();
    rmSync(paths.run, { recursive: true, force: true });
    rmSync(home, { recursive: true, force: true });
  });

  const inside = (path: string) => [...house.enter({ network: true }), 'nsenter', `--net=${path}`, '--'];
  const serveWith = async (prefix: readonly string[], host: string, port: number, greeting: string) => {
    const [command, ...args] = [...prefix, process.execPath, '-e', SERVE, host, String(port), greeting];
    const child = spawn(command as string, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    return child;
  };
  const fetchWith = async (prefix: readonly string[], host: string, port: number) =>
    (await run([...prefix, process.execPath, '-e', FETCH, host, String(port)], { timeoutMs: 15_000 })).stdout.trim();
  const listen = async (host: string) => {
    const server = createServer((socket) => socket.end('from the host'));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    return (server.address() as { port: number }).port;
  };

  it('starts, with everything in order', async () => {
    expect(await house.network()).toEqual({ ok: true });
    expect((await house.doctor()).map(({ id, level }) => `${id} ${level}`)).toEqual([
      'house ok',
      'subids ok',
      'tun ok',
      'uplink ok',
      'names ok',
      'firewall ok',
    ]);
    expect(await house.privilege()).toBe(asRoot ? 'root' : 'rootless');
    const id = await run([...house.enter({ network: false }), 'id', '-u']);
    expect(id.stdout.trim()).toBe('0');
  });

  it('lets two guests find each other by name, on any port, and counts their bytes', async () => {
    const [alpha, beta] = [member('alpha'), member('Beta_2.x')];
    const { path: alphaPath } = await house.attachNamespace(alpha);
    const { path: betaPath } = await house.attachNamespace(beta);
    await serveWith(inside(betaPath), '0.0.0.0', 80, 'x'.repeat(5000));
    expect(await fetchWith(inside(alphaPath), 'Beta_2.x', 80)).toBe('x'.repeat(5000));
    const traffic = await house.traffic();
    expect(traffic.get(beta.guestId)?.outBytes).toBeGreaterThan(5000);
    expect(traffic.get(alpha.guestId)?.inBytes).toBeGreaterThan(5000);
    await house.detach(alpha.guestId);
    await house.detach(beta.guestId);
    await house.detach(beta.guestId); // gone already: no error
  });

  it('forgets the name of a guest that is gone, and knows one that came back under another address', async () => {
    const first = member('wanderer');
    const { path: asker } = await house.attachNamespace(member('asker'));
    await house.attachNamespace(first);
    await house.detach(first.guestId);
    const second = { ...first, address: '10.99.7.7' };
    const { path } = await house.attachNamespace(second); // at once: the old cable may still be dying
    await serveWith(inside(path), '0.0.0.0', 8080, 'here');
    expect(await fetchWith(inside(asker), 'wanderer', 8080)).toBe('here');
    await house.detach(first.guestId);
    await sleep(400);
    expect(await fetchWith(inside(asker), 'wanderer', 8080)).toBe('ENOTFOUND');
  });

  it('makes a tap on the bridge with a lease of its own', async () => {
    const machine = member('machine');
    const {
      devices: [device = ''],
    } = await house.attachTaps(machine);
    const link = await run([...house.enter({ network: true }), 'ip', '-d', 'link', 'show', device]);
    expect(link.stdout).toMatch(/master gn0/);
    expect(link.stdout).toMatch(/vnet_hdr on/);
    expect(readFileSync(join(paths.run, 'dhcp', 'gn0', machine.guestId), 'utf8')).toMatch(
      new RegExp(`^${machine.mac},${machine.address},\\[fd[0-9a-f:]+\\]\\n$`),
    );
    await house.detach(machine.guestId);
    await expect(run([...house.enter({ network: true }), 'ip', 'link', 'show', device])).rejects.toThrow();
  });

  it('leases a machine the address it was given, and its name', async () => {
    const machine = member('leaser');
    await house.attachTaps(machine);
    // Stands in for the machine: a namespace with its hardware address and another address of its own.
    const { path } = await house.attachNamespace({ ...member('stand-in'), mac: machine.mac });
    const client = ['busybox', 'udhcpc', '-f', '-q', '-n', '-t', '5', '-i', 'eth0', '-s', '/bin/true'];
    const { stderr } = await run([...inside(path), ...client], { timeoutMs: 20_000 });
    expect(stderr).toContain(`lease of ${machine.address} obtained from 10.99.0.1`);
    const offer = await run([...inside(path), process.execPath, '-e', SOLICIT, machine.mac], { timeoutMs: 20_000 });
    const id = machine.guestId;
    const prefix6 = (house.view(machine).address6 as string).split(':').slice(0, 4);
    const digits = prefix6.map((group) => group.padStart(4, '0')).join('');
    expect(offer.stdout).toContain(`${digits}0000${id}`);
    await house.detach(machine.guestId);
  });

  it('keeps guests away from the host, on loopback and on its own addresses', async () => {
    const { path } = await house.attachNamespace(member('prisoner'));
    const everywhere = await listen('0.0.0.0');
    const loopback = await listen('127.0.0.1');
    const own = Object.values(networkInterfaces())
      .flat()
      .filter((one) => one?.family === 'IPv4')
      .map((one) => one?.address as string);
    for (const address of [...own, '10.0.2.2', '10.0.2.100', '10.99.0.1', '127.0.0.1', '0.0.0.0']) {
      expect(await fetchWith(inside(path), address, everywhere), address).not.toBe('from the host');
    }
    expect(await fetchWith(inside(path), '10.0.2.2', loopback)).not.toBe('from the host');
  });

  it.runIf(asRoot)('lets guests reach the outside', async () => {
    const outside = spawn('unshare', ['-n', 'sleep', '60'], { stdio: 'ignore' });
    children.push(outside);
    const pid = outside.pid as number;
    while (namespaceOf(pid, 'net') === namespaceOf(process.pid, 'net')) await sleep(2);
    const there = ['nsenter', '-t', String(pid), '-n'];
    await run(['ip', 'link', 'add', 'ghtest0', 'type', 'veth', 'peer', 'name', 'ghtest1', 'netns', String(pid)]);
    try {
      await run(['ip', 'addr', 'add', '198.18.77.1/30', 'dev', 'ghtest0']);
      await run(['ip', 'link', 'set', 'ghtest0', 'up']);
      await run([...there, 'ip', 'addr', 'add', '198.18.77.2/30', 'dev', 'ghtest1']);
      await run([...there, 'ip', 'link', 'set', 'ghtest1', 'up']);
      await run(['ip', 'addr', 'add', 'fd77:77::1/64', 'dev', 'ghtest0', 'nodad']);
      await run([...there, 'ip', 'addr', 'add', 'fd77:77::2/64', 'dev', 'ghtest1', 'nodad']);
      await serveWith(there, '198.18.77.2', 7000, 'the wide world');
      await serveWith(there, 'fd77:77::2', 7000, 'the wider world');
      const port = await listen('::');
      const { path } = await house.attachNamespace(member('traveller'));
      expect(await fetchWith(inside(path), '198.18.77.2', 7000)).toBe('the wide world');
      expect(await fetchWith(inside(path), 'fd77:77::2', 7000)).toBe('the wider world');
      // The host's address on that new network: known to the firewall after the next look.
      await house.ensure();
      expect(await fetchWith(inside(path), '198.18.77.1', port)).not.toBe('from the host');
      expect(await fetchWith(inside(path), 'fd77:77::1', port)).not.toBe('from the host');
    } finally {
      await run(['ip', 'link', 'del', 'ghtest0']);
    }
  });

  it('publishes ports, twice over, and takes them back', async () => {
    const [one, two] = [await freePort('127.0.0.1', 28080, new Set()), await freePort('0.0.0.0', 28180, new Set())];
    const web = member('web', [tcp(one as number, 80), tcp(two as number, 80, '0.0.0.0')]);
    const { path } = await house.attachNamespace(web);
    await serveWith(inside(path), '0.0.0.0', 80, 'served');
    await house.publish(web);
    await house.publish(web);
    expect(await fetchWith([], '127.0.0.1', one as number)).toBe('served');
    expect(await fetchWith([], '127.0.0.1', two as number)).toBe('served');
    await house.unpublish(web.guestId);
    expect(await fetchWith([], '127.0.0.1', one as number)).toBe('ECONNREFUSED');
    await house.publish(web);
    expect(await fetchWith([], '127.0.0.1', one as number)).toBe('served');
    await house.detach(web.guestId);
    expect(await fetchWith([], '127.0.0.1', two as number)).toBe('ECONNREFUSED');
  });

  it('opens all ports or none, and names who holds the one that is taken', async () => {
    const busy = await listen('127.0.0.1');
    const free = (await freePort('127.0.0.1', 28300, new Set())) as number;
    const web = member('greedy', [tcp(free, 80), tcp(busy, 80)]);
    await house.attachNamespace(web);
    await expect(house.publish(web)).rejects.toMatchObject({
      code: 'conflict',
      subject: `127.0.0.1:${busy}`,
      cause: expect.stringContaining(`pid ${process.pid}`),
    });
    expect(await fetchWith([], '127.0.0.1', free)).toBe('ECONNREFUSED');
    await house.publish({ ...web, ports: [tcp(free, 80)] });
    const rival = member('rival', [tcp(free, 80)]);
    await expect(house.publish(rival)).rejects.toMatchObject({ code: 'conflict', cause: /guest greedy/ });
    await house.detach(web.guestId);
  });

  it('refuses a name that would say more than a name to dnsmasq', async () => {
    const bad = member('x\n10.0.0.1 www.example.org');
    await expect(house.attachNamespace(bad)).rejects.toMatchObject({ code: 'invalid' });
    await expect(house.attachTaps(bad)).rejects.toMatchObject({ code: 'invalid' });
  });

  it('is met again by the next engine, with its guests and ports', async () => {
    const port = (await freePort('127.0.0.1', 28400, new Set())) as number;
    const web = member('steady', [tcp(port, 80)]);
    const { path } = await house.attachNamespace(web);
    await serveWith(inside(path), '0.0.0.0', 80, 'still here');
    await house.publish(web);
    const before = house.pid;
    await house.close();
    house = createHouse({ paths, log: createLog(paths.log) });
    await house.ensure();
    expect(house.pid).toBe(before);
    expect(await fetchWith([], '127.0.0.1', port)).toBe('still here');
    await house.publish(web);
    expect(await fetchWith([], '127.0.0.1', port)).toBe('still here');
    await house.detach(web.guestId);
    expect(await fetchWith([], '127.0.0.1', port)).toBe('ECONNREFUSED');
  });

  it('starts its services again when they died, ports included', async () => {
    const port = (await freePort('127.0.0.1', 28500, new Set())) as number;
    const web = member('phoenix', [tcp(port, 80)]);
    const { path } = await house.attachNamespace(web);
    await serveWith(inside(path), '0.0.0.0', 80, 'risen');
    await house.publish(web);
    for (const name of ['slirp4netns', 'dnsmasq', 'gh-relay']) {
      process.kill(childNamed(house.pid as number, name) as number, 'SIGKILL');
      while (childNamed(house.pid as number, name) !== null) await sleep(5);
    }
    await house.ensure();
    expect(await fetchWith([], '127.0.0.1', port)).toBe('risen');
    expect(await fetchWith(inside(path), 'phoenix', 80)).toBe('risen');
    await house.detach(web.guestId);
  });

  it('keeps what guests have when the holder is killed under them', async () => {
    const port = (await freePort('127.0.0.1', 28600, new Set())) as number;
    const web = member('orphan', [tcp(port, 80)]);
    const { path } = await house.attachNamespace(web);
    await serveWith(inside(path), '0.0.0.0', 80, 'alive');
    await house.publish(web);
    const pid = house.pid as number;
    process.kill(pid, 'SIGKILL');
    while (processRef(pid) !== null) await sleep(5);
    await house.ensure();
    expect(house.pid).not.toBe(pid);
    expect(await fetchWith([], '127.0.0.1', port)).toBe('alive');
    await house.detach(web.guestId);
  });

  it('shows nothing on the host', () => {
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(paths.run);
    expect(Object.keys(networkInterfaces()).filter((name) => /^(gn0|up0|[vt][0-9a-f]{12})$/.test(name))).toEqual([]);
  });

  it('has a network once one is needed, and leaves nothing when its holder is killed or it is demolished', async () => {
    for (const end of ['kill', 'demolish'] as const) {
      await house.demolish();
      await house.ensure();
      const pid = house.pid as number;
      const mount = namespaceOf(pid, 'mnt') as string;
      const services = () => ['slirp4netns', 'dnsmasq'].map((name) => childNamed(pid, name));
      expect(services()).toEqual([null, null]);
      expect(await house.network()).toEqual({ ok: true });
      const served = services() as number[];
      expect(served).toEqual([expect.any(Number), expect.any(Number)]);
      if (end === 'kill') process.kill(pid, 'SIGKILL');
      else await house.demolish();
      const deadline = Date.now() + 2000;
      const left = () => [pid, ...served].filter((one) => processRef(one) !== null).concat(processesIn(mount));
      while (left().length > 0 && Date.now() < deadline) await sleep(5);
      expect(left()).toEqual([]);
    }
    expect(existsSync(join(paths.run, 'house.json'))).toBe(false);
    // Whose it is.
    expect(readdirSync(paths.run)).toEqual(['home']);
  });
});
