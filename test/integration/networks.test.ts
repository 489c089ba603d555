/**
 * Named networks and IPv6 with the real kernel, dnsmasq and nft, and a container's own view of `host` and `none`. As root
 * and as an ordinary user.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../engine/host/process.ts';
import { annexBatch, annexRules } from '../../engine/networks/nat.ts';
import { makeContainers, reading } from '../fixtures/containers.ts';
import { type HouseWithNetworks, houseWithNetworks } from '../fixtures/house-with-networks.ts';

describe('networks of the house', () => {
  let place: HouseWithNetworks;
  beforeAll(async () => {
    place = await houseWithNetworks();
  });
  afterEach(() => place.quiet());
  afterAll(() => place.end());

  const gatewayOf = (name: string) => place.networks.get(name).gateway4;

  it('lets guests of one network find each other by name and alias, over IPv4 and IPv6', async () => {
    const server = await place.up(place.member('shop', ['front'], { aliases: ['www', 'store.example'] }));
    const client = await place.up(place.member('buyer', ['front']));
    await place.serve(server, 80, 'welcome');
    for (const name of ['shop', 'www', 'store.example']) {
      for (const type of ['A', 'AAAA'] as const) {
        expect(await place.fetch(client, name, 80, gatewayOf('front'), type), `${name} ${type}`).toBe('welcome');
      }
    }
  });

  it('keeps networks apart: no packet, no name', async () => {
    const shop = place.member('secret', ['front']);
    const server = await place.up(shop);
    const stranger = await place.up(place.member('stranger', ['nat']));
    await place.serve(server, 80, 'for us alone');
    const [{ v4, v6 }] = shop.places as unknown as [{ v4: string; v6: string }];
    expect(await place.fetch(stranger, v4, 80)).not.toBe('for us alone');
    expect(await place.fetch(stranger, v6, 80)).not.toBe('for us alone');
    expect(await place.fetch(stranger, 'secret', 80, gatewayOf('nat'))).toBe('ENOTFOUND');
    // The other network's name server cannot be asked from here either.
    expect(await place.fetch(stranger, 'secret', 80, gatewayOf('front'))).not.toBe('for us alone');
  });

  it('joins the bridges of a network that has more guests than fit into one', async () => {
    const [near, far] = [place.member('near', ['nat']), place.member('far', ['nat'])];
    const client = await place.up(near);
    const server = await place.up(far);
    const enter = place.house.enter({ network: true });
    const { stdout } = await run([...enter, 'ip', '-o', 'link']);
    const cable = stdout.match(new RegExp(`v${far.guestId}..`))?.[0] as string;
    // As if the first bridge had its share already.
    const link = (...words: string[]) => run([...enter, 'ip', 'link', ...words]);
    await link('set', cable, 'nomaster');
    await run([...enter, 'ip', '-batch', '-'], { input: annexBatch(0, 1) });
    await link('set', cable, 'master', 'gn0x1');
    await run([...enter, 'nft', '-f', '-'], { input: annexRules(0, 1) });
    await place.serve(server, 80, 'over there');
    expect(await place.fetch(client, 'far', 80, gatewayOf('nat'))).toBe('over there');
    expect(await place.fetch(client, 'far', 80, gatewayOf('nat'), 'AAAA')).toBe('over there');
    expect(await place.fetch(server, 'far', 80, gatewayOf('nat'))).toBe('over there');
  });

  it('an isolated network has no outside, and its guests reach each other', async () => {
    const one = place.member('vault', ['back']);
    const server = await place.up(one);
    const client = await place.up(place.member('clerk', ['back']));
    await place.serve(server, 80, 'within');
    expect(await place.fetch(client, 'vault', 80, gatewayOf('back'))).toBe('within');
    expect(await place.fetch(client, one.places[0]?.v6 as string, 80)).toBe('within');
    const { stdout } = await run([...client, 'ip', 'route']);
    expect(stdout).not.toContain('default');
    // A guest may make itself a way; the house does not let it through.
    await run([...client, 'ip', 'route', 'add', 'default', 'via', gatewayOf('back')]);
    const port = await place.listen('0.0.0.0');
    for (const address of ['10.0.2.2', '10.0.2.3', gatewayOf('nat'), gatewayOf('back')]) {
      expect(await place.fetch(client, address, port), address).not.toBe('from the host');
    }
    expect(await place.fetch(client, '10.0.2.3', 53)).not.toBe('');
  });

  it('a guest on two networks is found on both and finds both, and leads nobody across', async () => {
    const bridge = place.member('both', ['front', 'back']);
    const both = await place.up(bridge);
    const vault = place.member('till', ['back']);
    const server = await place.up(vault);
    const outsider = await place.up(place.member('outsider', ['front']));
    await place.serve(server, 80, 'counted');
    await place.serve(both, 80, 'here');
    expect(await place.fetch(both, 'till', 80, place.house.view(bridge).nameServer)).toBe('counted');
    expect(await place.fetch(outsider, 'both', 80, gatewayOf('front'))).toBe('here');
    expect(await place.fetch(server, 'both', 80, gatewayOf('back'))).toBe('here');
    expect(await place.fetch(outsider, 'till', 80, gatewayOf('front'))).toBe('ENOTFOUND');
    expect(await place.fetch(outsider, vault.address, 80)).not.toBe('counted');
  });

  it('keeps guests away from the host over IPv6 as well', async () => {
    const prisoner = await place.up(place.member('prisoner', ['nat']));
    const port = await place.listen('::');
    const interfaces = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    const own = interfaces.map(({ address }) => address).filter((one) => one.includes(':') && !one.startsWith('fe80'));
    const mapped = interfaces.filter(({ family }) => family === 'IPv4').map(({ address }) => `::ffff:${address}`);
    const gateway6 = place.networks.get('nat').gateway6 as string;
    const addresses = [...own, ...mapped, 'fd00::2', 'fd00::3', gateway6, '::ffff:10.0.2.2', '::7f00:1'];
    const seen = await Promise.all(addresses.map((address) => place.fetch(prisoner, address, port)));
    seen.forEach((said, index) => {
      expect(said, addresses[index]).not.toBe('from the host');
    });
  });

  it('a network that is removed leaves nothing in the house', async () => {
    await place.networks.create({ name: 'brief' });
    const { index, id } = place.networks.get('brief');
    const one = place.member('guest', ['brief']);
    await place.up(one);
    await place.house.detach(one.guestId);
    await place.networks.remove(id);
    await place.house.dropNetwork(index);
    const { stdout } = await run([...place.house.enter({ network: true }), 'ip', '-o', 'link']);
    expect(stdout).not.toContain(`gn${index}:`);
    const words = readdirSync('/proc').filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(join(place.paths.run, 'names', `gn${index}.`));
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
