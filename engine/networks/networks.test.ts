import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../host/log.ts';
import { networkUsers } from './network-store.ts';
import { createNetworks } from './networks.ts';

let home: string;
const open = async () => {
  const networks = createNetworks({ paths: { home }, log: createLog(join(home, 'log')) });
  await networks.load();
  return networks;
};
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'gh-networks-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const files = () => readdirSync(join(home, 'networks'));

describe('networks of a home', () => {
  it('has one from the start, whose IPv6 prefix stays', async () => {
    const [nat] = (await open()).list();
    expect(nat).toMatchObject({ name: 'nat', builtIn: true, subnet4: '10.99.0.0/20', gateway4: '10.99.0.1' });
    expect(nat?.subnet6).toMatch(/^fd[0-9a-f]{2}:[0-9a-f]{4}:[0-9a-f]{4}:0::\/64$/);
    expect((await open()).list()).toEqual([nat]);
    expect(files()).toEqual([`${nat?.id}.json`]);
  });

  it('are made, found, kept and removed', async () => {
    const networks = await open();
    const seen: unknown[] = [];
    networks.onChange = (change) => {
      seen.push('network' in change ? change.network.name : change.removed);
    };
    const back = await networks.create({ name: 'back', mode: 'isolated', labels: { a: 'b' } });
    const front = await networks.create({ name: 'front' });
    expect(back).toMatchObject({ mode: 'isolated', builtIn: false, labels: { a: 'b' }, usedBy: [] });
    expect(front.mode).toBe('nat');
    expect(front.subnet4).not.toBe(back.subnet4);
    expect(front.subnet6).not.toBe(back.subnet6);
    const again = await open();
    expect(again.get('back')).toMatchObject(back);
    expect(again.get(front.id).name).toBe('front');
    await networks.remove('back');
    expect(() => networks.get('back')).toThrow(expect.objectContaining({ code: 'not-found' }));
    expect(files()).toHaveLength(2);
    expect(seen).toEqual(['back', 'front', back.id]);
  });

  it('in use are not removed, and say by whom', async () => {
    const networks = await open();
    await networks.create({ name: 'back' });
    await networks.create({ name: 'idle' });
    const spec = { name: 'web', network: 'nat', moreNetworks: ['back'] };
    networks.setUsers(networkUsers([{ spec }, { spec: { name: 'lone', network: 'none', moreNetworks: [] } }]));
    expect(networks.get('nat').usedBy).toEqual(['web']);
    await expect(networks.remove('back')).rejects.toMatchObject({ code: 'conflict', message: /used by web/ });
    await expect(networks.remove('nat')).rejects.toMatchObject({ code: 'invalid' });
    expect(await networks.prune(true)).toEqual({ removed: ['idle'], freedBytes: 0 });
    expect(networks.get('idle').name).toBe('idle');
    await networks.prune(false);
    expect(networks.list().map(({ name }) => name)).toEqual(['nat', 'back']);
  });

  it('answers bad wishes with one clear error and makes nothing', async () => {
    const networks = await open();
    const refused = async (draft: { name: string; subnet4?: string }, code: string) =>
      expect(networks.create(draft), JSON.stringify(draft)).rejects.toMatchObject({ code });
    for (const name of ['', 'none', 'host', '../x', 'a b', 'x\n', '-x', 'x'.repeat(64)])
      await refused({ name }, 'invalid');
    await refused({ name: 'nat' }, 'conflict');
    for (const subnet4 of [
      '',
      '10.99.16.0',
      '10.99.16.1/24',
      '10.0.0.0/8',
      '10.99.16.0/30',
      '127.0.0.0/24',
      '224.0.0.0/24',
    ])
      await refused({ name: 'x', subnet4 }, 'invalid');
    for (const subnet4 of ['10.99.8.0/24', '10.0.2.0/24']) await refused({ name: 'x', subnet4 }, 'conflict');
    expect(files()).toHaveLength(1);
    const two = await Promise.allSettled([networks.create({ name: 'twin' }), networks.create({ name: 'twin' })]);
    expect(two.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });

  it('leaves a damaged record alone and says so', async () => {
    const networks = await open();
    const { id } = await networks.create({ name: 'back' });
    const file = join(home, 'networks', `${id}.json`);
    writeFileSync(file, '{"version":1,');
    const again = await open();
    expect(again.list().map(({ name }) => name)).toEqual(['nat']);
    expect(again.doctor()).toMatchObject([{ level: 'problem' }]);
    expect(readFileSync(file, 'utf8')).toBe('{"version":1,');
  });
});
