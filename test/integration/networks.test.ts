/**
 * Named networks, IPv6 and published ports with the real kernel, dnsmasq, nft and relay. Guests are network namespaces
 * with a Node program in them, but where a container's own set-up is what is looked at. As root and as an ordinary user.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PortRule } from '../../engine/contract/guest.ts';
import { addressesFor } from '../../engine/guests/identity.ts';
import { createLog } from '../../engine/host/log.ts';
import { type Paths, resolvePaths } from '../../engine/host/paths.ts';
import { freePort } from '../../engine/host/ports.ts';
import { run } from '../../engine/host/process.ts';
import { createHouse } from '../../engine/networks/create.ts';
import type { Holder } from '../../engine/networks/holder.ts';
import type { House, HouseMember } from '../../engine/networks/house.ts';
import { namesPid } from '../../engine/networks/names.ts';
import { annexBatch, annexRules } from '../../engine/networks/nat.ts';
import type { NetworkStore } from '../../engine/networks/network-store.ts';
import { createNetworks } from '../../engine/networks/networks.ts';
import { childNamed } from '../../engine/networks/processes.ts';
import { eventually, makeContainers, reading } from '../fixtures/containers.ts';

/** Serves argv[2] on TCP and echoes UDP, both families, port argv[1]; TCP clients may also be echoed to. */
const SERVE = `const [, port, greeting] = process.argv;
require('node:dgram').createSocket('udp6').on('message', function (data, from) { this.send(data, from.port, from.address); })
  .bind(+port, '::', () => require('node:net').createServer((socket) => {
    socket.on('error', () => {});
    socket.write(greeting);
    socket.pipe(socket);
  }).listen(+port, '::', () => console.log('ready')));`;

/** What a client of argv[1] (a name is asked of argv[3], as argv[4]: A or AAAA) port argv[2] gets first, or the error. */
const FETCH = `const [, host, port, server, type] = process.argv;
const resolver = new (require('node:dns').promises.Resolver)({ timeout: 1000, tries: 2 });
if (server) resolver.setServers([server]);
const numeric = require('node:net').isIP(host) !== 0;
(numeric ? Promise.resolve([host]) : resolver.resolve(host, type)).then(([address]) => {
  const socket = require('node:net').connect({ host: address, port: +port });
  socket.setTimeout(2000, () => { console.log('TIMEOUT'); socket.destroy(); });
  socket.on('data', (data) => { process.stdout.write(data); socket.destroy(); }).on('error', (error) => console.log(error.code));
}, (error) => console.log(error.code));`;

const rule = (hostPort: number, guestPort: number, more: Partial<PortRule> = {}): PortRule => ({
  hostIp: '127.0.0.1',
  hostPort,
  guestPort,
  protocol: 'tcp',
  ...more,
});

describe('networks of the house', () => {
  let home: string;
  let paths: Paths;
  let networks: NetworkStore;
  let house: House;
  const children: ChildProcess[] = [];
  const servers: Server[] = [];
  const taken = new Set<string>();

  const open = async () => {
    const log = createLog(paths.log);
    networks = createNetworks({ paths, log });
    house = createHouse({ paths, log, networks });
    await house.ensure();
  };
  beforeAll(async () => {
    home = mkdtempSync(join(realpathSync(tmpdir()), 'gh-networks-test-'));
    paths = resolvePaths({ ...process.env, GUESTHOUSE_HOME: home });
    await open();
    await networks.create({ name: 'front' });
    await networks.create({ name: 'back', mode: 'isolated' });
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

  const member = (name: string, on: readonly string[], ports: readonly PortRule[] = [], aliases: string[] = []) => {
    const guestId = randomBytes(6).toString('hex');
    const [network = 'nat', ...moreNetworks] = on;
    const places = addressesFor(guestId, { network, moreNetworks }, networks, taken);
    for (const { v4 } of places) taken.add(v4 as string);
    const mac = `52:54:${guestId.slice(4).replace(/..(?=.)/g, '$&:')}`;
    return { guestId, name, aliases, address: places[0]?.v4 as string, places, mac, ports } satisfies HouseMember;
  };
  const inside = (path: string) => [...house.enter({ network: true }), 'nsenter', `--net=${path}`, '--'];
  const up = async (one: HouseMember) => inside((await house.attachNamespace(one)).path);
  const serve = async (prefix: readonly string[], port: number, greeting: string) => {
    const [command, ...args] = [...prefix, process.execPath, '-e', SERVE, String(port), greeting];
    const child = spawn(command as string, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    await new Promise((resolve) => child.stdout.once('data', resolve));
  };
  const fetch = async (prefix: readonly string[], host: string, port: number, server = '', type = 'A') => {
    const argv = [...prefix, process.execPath, '-e', FETCH, host, String(port), server, type];
    return (await run(argv, { timeoutMs: 15_000 })).stdout.trim();
  };
  const gatewayOf = (name: string) => networks.get(name).gateway4;
  const free = async (from: number, hostIp = '127.0.0.1') => (await freePort(hostIp, from, new Set())) as number;
  /** Sends one datagram and answers what comes back, or null. */
  const echoed = async (host: string, port: number, text: string) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    try {
      return await new Promise<string | null>((resolve) => {
        const again = setInterval(() => socket.send(text, port, host), 300);
        setTimeout(() => resolve(null), 3000).unref();
        socket.on('error', () => {});
        socket.on('message', (data) => {
          clearInterval(again);
          resolve(data.toString());
        });
        socket.send(text, port, host);
      });
    } finally {
      socket.close();
    }
  };

  it('lets guests of one network find each other by name and alias, over IPv4 and IPv6', async () => {
    const server = await up(member('shop', ['front'], [], ['www', 'store.example']));
    const client = await up(member('buyer', ['front']));
    await serve(server, 80, 'welcome');
    for (const name of ['shop', 'www', 'store.example']) {
      for (const type of ['A', 'AAAA']) {
        expect(await fetch(client, name, 80, gatewayOf('front'), type), `${name} ${type}`).toBe('welcome');
      }
    }
  });

  it('keeps networks apart: no packet, no name', async () => {
    const shop = member('secret', ['front']);
    const server = await up(shop);
    const stranger = await up(member('stranger', ['nat']));
    await serve(server, 80, 'for us alone');
    const [{ v4, v6 }] = shop.places as [{ v4: string; v6: string }];
    expect(await fetch(stranger, v4, 80)).not.toBe('for us alone');
    expect(await fetch(stranger, v6, 80)).not.toBe('for us alone');
    expect(await fetch(stranger, 'secret', 80, gatewayOf('nat'))).toBe('ENOTFOUND');
    // The other network's name server cannot be asked from here either.
    expect(await fetch(stranger, 'secret', 80, gatewayOf('front'))).not.toBe('for us alone');
  });

  it('joins the bridges of a network that has more guests than fit into one', async () => {
    const [near, far] = [member('near', ['nat']), member('far', ['nat'])];
    const client = await up(near);
    const server = await up(far);
    const enter = house.enter({ network: true });
    const { stdout } = await run([...enter, 'ip', '-o', 'link']);
    const cable = stdout.match(new RegExp(`v${far.guestId}..`))?.[0] as string;
    // As if the first bridge had its share already.
    const link = (...words: string[]) => run([...enter, 'ip', 'link', ...words]);
    await link('set', cable, 'nomaster');
    await run([...enter, 'ip', '-batch', '-'], { input: annexBatch(0, 1) });
    await link('set', cable, 'master', 'gn0x1');
    await run([...enter, 'nft', '-f', '-'], { input: annexRules(0, 1) });
    await serve(server, 80, 'over there');
    expect(await fetch(client, 'far', 80, gatewayOf('nat'))).toBe('over there');
    expect(await fetch(client, 'far', 80, gatewayOf('nat'), 'AAAA')).toBe('over there');
    expect(await fetch(server, 'far', 80, gatewayOf('nat'))).toBe('over there');
  });

  it('an isolated network has no outside, and its guests reach each other', async () => {
    const one = member('vault', ['back']);
    const server = await up(one);
    const client = await up(member('clerk', ['back']));
    await serve(server, 80, 'within');
    expect(await fetch(client, 'vault', 80, gatewayOf('back'))).toBe('within');
    expect(await fetch(client, one.places[0]?.v6 as string, 80)).toBe('within');
    const { stdout } = await run([...client, 'ip', 'route']);
    expect(stdout).not.toContain('default');
    // A guest may make itself a way; the house does not let it through.
    await run([...client, 'ip', 'route', 'add', 'default', 'via', gatewayOf('back')]);
    const listener = createServer((socket) => socket.end('from the host'));
    servers.push(listener);
    await new Promise<void>((resolve) => listener.listen(0, '0.0.0.0', resolve));
    const { port } = listener.address() as { port: number };
    for (const address of ['10.0.2.2', '10.0.2.3', gatewayOf('nat'), gatewayOf('back')]) {
      expect(await fetch(client, address, port), address).not.toBe('from the host');
    }
    expect(await fetch(client, '10.0.2.3', 53)).not.toBe('');
  });

  it('a guest on two networks is found on both and finds both, and leads nobody across', async () => {
    const bridge = member('both', ['front', 'back']);
    const both = await up(bridge);
    const vault = member('till', ['back']);
    const server = await up(vault);
    const outsider = await up(member('outsider', ['front']));
    await serve(server, 80, 'counted');
    await serve(both, 80, 'here');
    expect(await fetch(both, 'till', 80, house.view(bridge).nameServer)).toBe('counted');
    expect(await fetch(outsider, 'both', 80, gatewayOf('front'))).toBe('here');
    expect(await fetch(server, 'both', 80, gatewayOf('back'))).toBe('here');
    expect(await fetch(outsider, 'till', 80, gatewayOf('front'))).toBe('ENOTFOUND');
    expect(await fetch(outsider, vault.address, 80)).not.toBe('counted');
  });

  it('keeps guests away from the host over IPv6 as well', async () => {
    const prisoner = await up(member('prisoner', ['nat']));
    const listener = createServer((socket) => socket.end('from the host'));
    servers.push(listener);
    await new Promise<void>((resolve) => listener.listen(0, '::', resolve));
    const { port } = listener.address() as { port: number };
    const interfaces = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    const own = interfaces.map(({ address }) => address).filter((one) => one.includes(':') && !one.startsWith('fe80'));
    const mapped = interfaces.filter(({ family }) => family === 'IPv4').map(({ address }) => `::ffff:${address}`);
    const gateway6 = networks.get('nat').gateway6 as string;
    const addresses = [...own, ...mapped, 'fd00::2', 'fd00::3', gateway6, '::ffff:10.0.2.2', '::7f00:1'];
    const seen = await Promise.all(addresses.map((address) => fetch(prisoner, address, port)));
    seen.forEach((said, index) => {
      expect(said, addresses[index]).not.toBe('from the host');
    });
  });

  it('publishes TCP and UDP on addresses of both families', async () => {
    const port = await free(29_080);
    const ports = [
      rule(port, 80),
      rule(port, 80, { protocol: 'udp' }),
      rule(port, 80, { hostIp: '::1' }),
      rule(port, 80, { hostIp: '::1', protocol: 'udp' }),
    ];
    const web = member('web', ['front'], ports);
    await serve(await up(web), 80, 'served');
    await house.publish(web);
    for (const host of ['127.0.0.1', '::1']) {
      expect(await fetch([], host, port), host).toBe('served');
      expect(await echoed(host, port, 'ping'), host).toBe('ping');
    }
    expect(await echoed('127.0.0.1', port, 'x'.repeat(9000))).toHaveLength(9000);
    await house.unpublish(web.guestId);
    expect(await fetch([], '::1', port)).toBe('ECONNREFUSED');
    expect(childNamed(house.pid as number, 'gh-relay')).toBeNull();
  });

  it('changes ports while connections of the others go on, or changes nothing', async () => {
    const [kept, old, fresh] = [await free(29_180), await free(29_280), await free(29_380)];
    const web = member('shifty', ['nat'], [rule(kept, 80), rule(old, 80)]);
    await serve(await up(web), 80, 'hello ');
    await house.publish(web);
    const talk = connect(kept, '127.0.0.1');
    let heard = '';
    let closed = false;
    talk.on('data', (data) => {
      heard += data;
    });
    talk.on('close', () => {
      closed = true;
    });
    const leaving = connect(old, '127.0.0.1');
    const left = new Promise((resolve) => leaving.on('error', () => {}).once('close', resolve));
    await eventually(() => (heard === 'hello ' ? true : null));
    await new Promise((resolve) => leaving.once('data', resolve));

    await house.publish({ ...web, ports: [rule(kept, 80), rule(fresh, 80)] });
    await left;
    talk.write('still here');
    await eventually(() => (heard === 'hello still here' ? true : null));
    expect(await fetch([], '127.0.0.1', old)).toBe('ECONNREFUSED');
    expect(await fetch([], '127.0.0.1', fresh)).toBe('hello');

    const blocker = createServer();
    servers.push(blocker);
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
    const busy = (blocker.address() as { port: number }).port;
    const refused = house.publish({ ...web, ports: [rule(old, 80), rule(busy, 80)] });
    await expect(refused).rejects.toMatchObject({ code: 'conflict', subject: `127.0.0.1:${busy}` });
    expect(await fetch([], '127.0.0.1', fresh)).toBe('hello');
    expect(await fetch([], '127.0.0.1', old)).toBe('ECONNREFUSED');
    // From one address to all of them: the old one is in the way of itself.
    await house.publish({ ...web, ports: [rule(kept, 80), rule(fresh, 80, { hostIp: '0.0.0.0' })] });
    expect(await fetch([], '127.0.0.1', fresh)).toBe('hello');
    talk.write('!');
    await eventually(() => (heard === 'hello still here!' ? true : null));
    expect(closed).toBe(false);
    talk.destroy();
    await house.detach(web.guestId);
  });

  it('says what is wrong with a port', async () => {
    const web = member('wrong', ['nat']);
    await up(web);
    const refused = (one: PortRule) => house.publish({ ...web, ports: [one] });
    await expect(refused(rule(29_480, 80, { hostIp: '2001:db8::1' }))).rejects.toMatchObject({ code: 'invalid' });
    await expect(refused(rule(29_480, 80, { hostIp: '203.0.113.9', protocol: 'udp' }))).rejects.toMatchObject({
      code: 'invalid',
    });
    if (process.getuid?.() !== 0) await expect(refused(rule(81, 80))).rejects.toMatchObject({ code: 'denied' });
  });

  it('is met again by the next engine, all networks and ports of it', async () => {
    const port = await free(29_580);
    const web = member('steady', ['front'], [rule(port, 80, { protocol: 'udp' })]);
    await serve(await up(web), 80, 'on');
    await house.publish(web);
    const relay = childNamed(house.pid as number, 'gh-relay');
    await house.close();
    await open();
    expect(childNamed(house.pid as number, 'gh-relay')).toBe(relay);
    expect(await echoed('127.0.0.1', port, 'again')).toBe('again');
    const names = () => namesPid({ pid: house.pid } as Holder, `gn${networks.get('front').index}`);
    process.kill(names() as number, 'SIGKILL');
    await eventually(() => (names() === null ? true : null));
    await house.ensure();
    expect(names()).not.toBeNull();
    const late = await up(member('late', ['front']));
    expect(await fetch(late, 'steady', 80, gatewayOf('front'))).toBe('on');
    await house.detach(web.guestId);
  });

  it('a network that is removed leaves nothing in the house', async () => {
    await networks.create({ name: 'brief' });
    const { index, id } = networks.get('brief');
    const one = member('guest', ['brief']);
    await up(one);
    await house.detach(one.guestId);
    await networks.remove(id);
    await house.dropNetwork(index);
    const { stdout } = await run([...house.enter({ network: true }), 'ip', '-o', 'link']);
    expect(stdout).not.toContain(`gn${index}:`);
    const words = readdirSync('/proc').filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(join(paths.run, 'names', `gn${index}.`));
      } catch {
        return false;
      }
    });
    expect(words).toEqual([]);
  });
});

describe('a container', () => {
  const containers = makeContainers();
  afterAll(() => containers.end());

  it('on the network of the host sees what the host serves, and says that there is no wall', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.0 200 OK\r\n\r\nfrom the host'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    try {
      const command = ['/bin/sh', '-c', `wget -q -O - http://127.0.0.1:${port}/; sleep 60`];
      const guest = containers.record({ network: 'host', command });
      const running = await containers.up(guest);
      expect(running.notes.join()).toMatch(/shares the network of the host/);
      const [endpoint] = await containers.driver.endpoints(guest);
      await (await reading(endpoint)).shows('from the host');
      await containers.driver.kill(guest);
      await containers.driver.remove(guest);
      expect(await containers.leftovers(guest)).toEqual([]);
    } finally {
      server.close();
    }
  });

  it('without a network has its own loopback and nothing else', async () => {
    const guest = containers.record({ network: 'none', command: ['/bin/sh', '-c', 'ip -o link; echo done; sleep 60'] });
    await containers.up(guest);
    const [endpoint] = await containers.driver.endpoints(guest);
    const seen = await (await reading(endpoint)).shows('done');
    expect([...new Set(seen.match(/^\d+: \w+/gm))]).toEqual(['1: lo']);
    await containers.driver.kill(guest);
  });
});
