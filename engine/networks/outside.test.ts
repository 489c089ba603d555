import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addressesFor } from '../guests/identity.ts';
import { createLog } from '../host/log.ts';
import { namesArgv } from './names.ts';
import { bridgeBatch, guestBatch, networkRules } from './nat.ts';
import type { NetworkPlan } from './network-store.ts';
import { createNetworks } from './networks.ts';
import { chosen } from './outside.ts';
import { placesOf } from './plan.ts';
import { parseRange, parseSubnet, rangeText, type Subnet } from './subnet.ts';

const lan: NetworkPlan = {
  id: '0123456789ab',
  name: 'lan',
  mode: 'bridged',
  index: 3,
  subnet4: '192.168.1.0/24',
  gateway4: '192.168.1.200',
  subnet6: null,
  gateway6: null,
  outside: { bridge: 'br0', range4: '192.168.1.200-192.168.1.202', router4: '192.168.1.1' },
  builtIn: false,
  createdAt: 0,
  labels: {},
  usedBy: [],
};
const networks = { get: () => lan };
const spec = { network: 'lan', moreNetworks: [] };

describe('a network on a bridge of the host', () => {
  it('is where its range and router fit', () => {
    const subnet = parseSubnet('192.168.1.0/24') as Subnet;
    const at = (range: string, router: string | null = null) =>
      chosen('br0', range, router, subnet, { addresses: ['192.168.1.5/24'] });
    expect(at('192.168.1.200 - 192.168.1.219', '192.168.1.1')).toEqual({
      bridge: 'br0',
      range4: '192.168.1.200-192.168.1.219',
      router4: '192.168.1.1',
    });
    expect(at('192.168.1.8/29').range4).toBe('192.168.1.8-192.168.1.15');
    const refused = (range: string, message: string, router?: string) =>
      expect(() => at(range, router), range).toThrow(message);
    refused('', 'needs the addresses');
    for (const bad of ['x', '192.168.1.9-192.168.1.8', '192.168.1.9/29', '1-2-3']) refused(bad, 'is not a range');
    for (const bad of ['192.168.2.4-192.168.2.9', '192.168.1.0/24', '192.168.1.200-192.168.1.255'])
      refused(bad, 'is not within');
    refused('192.168.1.9-192.168.1.9', 'at least two');
    refused('192.168.1.2-192.168.1.9', 'The host itself has 192.168.1.5');
    refused('192.168.1.200-192.168.1.219', 'is the router', '192.168.1.201');
    for (const bad of ['10.0.0.1', '192.168.1.255', 'x']) refused('192.168.1.200-192.168.1.219', 'is no router', bad);
    expect(rangeText(parseRange('0.0.0.0/0') as NonNullable<ReturnType<typeof parseRange>>)).toBe(
      '0.0.0.0-255.255.255.255',
    );
  });

  it('gives its guests what the range leaves, and no more', () => {
    const taken = new Set<string>();
    for (const id of ['00000000aaaa', '00000001aaaa']) {
      const [place] = addressesFor(id, spec, networks, taken);
      expect(place).toMatchObject({ network: 'lan', v4: expect.stringMatching(/^192\.168\.1\.20[12]$/), v6: null });
      taken.add(place?.v4 as string);
    }
    expect(taken.size).toBe(2);
    expect(() => addressesFor('00000002aaaa', spec, networks, taken)).toThrow('All 2 addresses');
  });

  it('leads out by its own router, and has an own hardware address there', () => {
    const member = {
      guestId: '0123456789ab',
      name: 'web',
      address: '192.168.1.201',
      mac: '52:54:00:01:02:03',
      ports: [],
    };
    const places = placesOf({ ...member, places: [{ network: 'lan', v4: '192.168.1.201', v6: null }] }, networks);
    const batch = guestBatch(places, ['a'], 812);
    expect(batch).toContain('neigh replace 192.168.1.200 lladdr 02:01:23:45:67:89 dev eth0');
    expect(batch).toMatch(/route add default via 192\.168\.1\.1\n$/);
    expect(bridgeBatch(lan)).toContain('link add gn3 address 02:01:23:45:67:89');
    expect(networkRules(lan)).not.toContain('outgoing');
    expect(namesArgv(lan, '/run')).toContain('--dhcp-option=option:router,192.168.1.1');
    expect(namesArgv(lan, '/run')).not.toContain('--enable-ra');
  });

  it('is kept, and a damaged record of one is left alone', async () => {
    const home = mkdtempSync(join(tmpdir(), 'gh-networks-'));
    try {
      const open = async () => {
        const made = createNetworks({ paths: { home }, log: createLog(join(home, 'log')) });
        await made.load();
        return made;
      };
      await open();
      const folder = join(home, 'networks');
      const builtIn = JSON.parse(readFileSync(join(folder, readdirSync(folder)[0] as string), 'utf8'));
      const record = {
        ...builtIn,
        id: lan.id,
        name: 'lan',
        mode: 'bridged',
        index: 3,
        subnet4: lan.subnet4,
        prefix48: null,
      };
      const write = (outside: unknown) =>
        writeFileSync(join(folder, `${lan.id}.json`), JSON.stringify({ ...record, outside }));
      write(lan.outside);
      expect((await open()).get('lan')).toMatchObject({
        outside: lan.outside,
        gateway4: '192.168.1.200',
        subnet6: null,
      });
      for (const bad of [undefined, {}, { ...lan.outside, bridge: '-x' }, { ...lan.outside, range4: 'x' }]) {
        write(bad);
        expect(
          (await open()).list().map(({ name }) => name),
          JSON.stringify(bad),
        ).toEqual(['nat']);
      }
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });
});
